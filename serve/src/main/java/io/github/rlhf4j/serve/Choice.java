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
    private final ToolText tools;
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

    /**
     * A text that has not begun.
     *
     * @param tools finds calls of tools in it
     * @param prefix what the text begins with: the prompt, where it is echoed
     */
    Choice(int index, SampleText text, ToolText tools, String prefix) {
        this.index = index;
        this.text = text;
        this.tools = tools;
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
            fresh.append(tools.push(text.push(id)));
        }
    }

    /** The token has come, which is in no text, that a call of a tool begins with. */
    void beginCall() {
        fresh.append(tools.begin());
    }

    void end(FinishReason why) {
        fresh.append(tools.push(text.finish())).append(tools.finish());
        reason = why;
    }

    /** Whether there is something to give, or the end. */
    boolean hasFresh() {
        return fresh.length() > 0 || tools.hasFresh() || reason != null;
    }

    /** The calls of tools that have not been given yet. */
    List<ToolCall> takeCalls() {
        return tools.takeFresh();
    }

    /** Calls that were given before {@code fresh} ones. */
    int callsBefore(List<ToolCall> ones) {
        return tools.calls() - ones.size();
    }

    /** How it writes calls of tools. */
    ToolFormat toolFormat() {
        return tools.format();
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
        if (reason == null) {
            return null;
        }
        return tools.calls() > 0 && reason != FinishReason.LENGTH ? "tool_calls" : reason.text();
    }
}
