package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import java.util.Arrays;

/** Texts as the tokens that a {@link Scorer} scores. */
public final class ScoringTokens {
    private final Tokenizer tokenizer;

    /** @param tokenizer the model's own */
    public ScoringTokens(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** A text by the tokenizer's own rule: BOS if it adds one, no end token. */
    public int[] text(String text) {
        return tokenizer.encode(text, true);
    }

    /**
     * Prompt and completion as one text, with one end token: as training sees them.
     *
     * @throws UserError where the tokenizer has no end token
     */
    public int[] joint(String prompt, String completion) {
        int end = tokenizer
                .eosId()
                .orElseThrow(() -> new UserError("the tokenizer has no end token to close the completion with:"
                        + " name one as eos_token in the model's tokenizer_config.json, or give \"ids\""));
        String endText = tokenizer.token(end);
        String text = prompt + completion;
        int[] ids = tokenizer.encode(text.endsWith(endText) ? text : text + endText, true);
        if (ids.length == 0 || ids[ids.length - 1] != end) {
            ids = Arrays.copyOf(ids, ids.length + 1);
            ids[ids.length - 1] = end;
        }
        boolean startsWithoutContext = prompt.isEmpty() && tokenizer.encode("", true).length == 0;
        return startsWithoutContext ? prepend(tokenizer.bosId().orElse(end), ids) : ids;
    }

    private static int[] prepend(int first, int[] ids) {
        int[] result = new int[ids.length + 1];
        result[0] = first;
        System.arraycopy(ids, 0, result, 1, ids.length);
        return result;
    }
}
