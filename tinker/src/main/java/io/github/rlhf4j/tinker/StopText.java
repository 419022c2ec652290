package io.github.rlhf4j.tinker;

import io.github.rlhf4j.core.generation.PromptTokens;
import io.github.rlhf4j.core.generation.StopRule;
import io.github.rlhf4j.core.tokenizer.StreamingDecoder;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import java.util.List;

/** Ends a continuation with the token that completes one of some texts, those of special tokens among them. The prompt's text does not count. */
final class StopText implements StopRule {
    private final List<String> texts;
    private final Tokenizer tokenizer;
    private final int[] prompt;

    StopText(List<String> texts, Tokenizer tokenizer, int[] prompt) {
        this.texts = texts;
        this.tokenizer = tokenizer;
        this.prompt = prompt;
    }

    @Override
    public Watch begin() {
        StreamingDecoder decoder = new PromptTokens(tokenizer).decoderAfter(prompt);
        StringBuilder text = new StringBuilder();
        int longest = texts.stream().mapToInt(String::length).max().orElse(0);
        return id -> {
            if (id >= tokenizer.vocabSize()) {
                return false;
            }
            text.append(tokenizer.isSpecial(id) ? tokenizer.token(id) : decoder.push(id));
            boolean ends = texts.stream().anyMatch(stop -> text.indexOf(stop) >= 0);
            text.delete(0, Math.max(0, text.length() - longest));
            return ends;
        };
    }
}
