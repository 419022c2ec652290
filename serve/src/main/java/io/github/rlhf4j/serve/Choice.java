package io.github.rlhf4j.serve;

import io.github.rlhf4j.core.generation.FinishReason;
import io.github.rlhf4j.core.generation.TopTokens;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One of the texts that a request asks for, as far as it has come: what has not been given yet. */
final class Choice {
    private final int index;
    private final SampleText text;
    private final StringBuilder fresh = new StringBuilder();
    private final List<Token> freshTokens = new ArrayList<>();
    private @Nullable FinishReason reason;
    private int offset; // code points before the next token

    /**
     * A token to report.
     *
     * @param logProb NaN where there is none: of the first of a text
     * @param offset code points of the text before it
     */
    record Token(int id, double logProb, @Nullable TopTokens top, int offset) {}

    /** @param prefix what the text begins with: the prompt, where it is echoed */
    Choice(int index, SampleText text, String prefix) {
        this.index = index;
        this.text = text;
        this.offset = prefix.codePointCount(0, prefix.length());
        fresh.append(prefix);
    }

    int index() {
        return index;
    }

    /** The tokens of the prompt, which is echoed. */
    void addPrompt(List<Token> tokens) {
        freshTokens.addAll(tokens);
    }

    /** A token that has been chosen. */
    void add(int id, boolean isStop, double logProb, @Nullable TopTokens top) {
        freshTokens.add(new Token(id, logProb, top, offset + text.characters()));
        if (!isStop) {
            fresh.append(text.push(id));
        }
    }

    void end(FinishReason why) {
        fresh.append(text.finish());
        reason = why;
    }

    /** Whether there is text to give, or the end. */
    boolean hasFresh() {
        return fresh.length() > 0 || reason != null;
    }

    String takeText() {
        String taken = fresh.toString();
        fresh.setLength(0);
        return taken;
    }

    List<Token> takeTokens() {
        List<Token> taken = List.copyOf(freshTokens);
        freshTokens.clear();
        return taken;
    }

    /** Why it has ended, in OpenAI's words; null for not yet. */
    @Nullable
    String finishReason() {
        return reason == null ? null : reason.text();
    }
}
