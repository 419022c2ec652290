package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.tokenizer.StreamingDecoder;
import io.github.rlhf4j.core.tokenizer.Tokenizer;

/** Prompts as tokens, and what follows them as text. Safe for several threads. */
public final class PromptTokens {
    private final Tokenizer tokenizer;

    /** @param tokenizer the model's own */
    public PromptTokens(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /**
     * Tokens of a plain prompt: the tokenizer's own rule, so BOS if it adds one; an empty prompt is BOS alone.
     *
     * @throws UserError where the prompt is empty and the tokenizer has neither BOS nor end token to begin with
     */
    public int[] of(String prompt) {
        return of(prompt, false);
    }

    /** The same; {@code splitSpecialTokens} as in {@link Tokenizer#encode(String, boolean, boolean)}. */
    public int[] of(String prompt, boolean splitSpecialTokens) {
        int[] ids = tokenizer.encode(prompt, true, splitSpecialTokens);
        if (ids.length > 0) {
            return ids;
        }
        int start = tokenizer
                .bosId()
                .orElseGet(() -> tokenizer
                        .eosId()
                        .orElseThrow(() -> new UserError("the prompt is empty and the tokenizer"
                                + " has no BOS token to begin with: give a prompt of at least one character")));
        return new int[] {start};
    }

    /** The token that the text of a continuation is decoded after, so that its first space is kept by decoders that strip a text's first; empty for none. */
    int[] context(int[] prompt) {
        for (int i = prompt.length - 1; i >= 0; i--) {
            if (!tokenizer.isSpecial(prompt[i])) {
                boolean isWhole = !tokenizer.streamingDecoder().push(prompt[i]).isEmpty();
                return isWhole ? new int[] {prompt[i]} : new int[0];
            }
        }
        return new int[0];
    }

    /** Whether a continuation begins a text: no text goes before it. */
    public boolean isTextStart(int[] prompt) {
        return context(prompt).length == 0;
    }

    /** Decodes a continuation as it comes. */
    public StreamingDecoder decoderAfter(int[] prompt) {
        StreamingDecoder decoder = tokenizer.streamingDecoder();
        for (int id : context(prompt)) {
            decoder.push(id);
        }
        return decoder;
    }
}
