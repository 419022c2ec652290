package io.github.rlhf4j.serve;

import io.github.rlhf4j.core.generation.PromptTokens;
import io.github.rlhf4j.core.generation.StopRule;
import io.github.rlhf4j.core.tokenizer.StreamingDecoder;
import java.util.List;

/** Ends a continuation with the token that completes one of some texts; the prompt's text does not count. */
final class StopTexts implements StopRule {
    private final List<String> texts;
    private final PromptTokens prompts;
    private final int[] prompt;
    private final int longest;
    private final int vocabulary;

    private StopTexts(List<String> texts, PromptTokens prompts, int[] prompt, int vocabulary) {
        this.vocabulary = vocabulary;
        this.texts = texts;
        this.prompts = prompts;
        this.prompt = prompt;
        this.longest = texts.stream().mapToInt(String::length).max().orElse(0);
    }

    /** @param vocabulary ids below it have a text */
    static StopRule of(List<String> texts, PromptTokens prompts, int[] prompt, int vocabulary) {
        return texts.isEmpty() ? StopRule.NEVER : new StopTexts(texts, prompts, prompt, vocabulary);
    }

    @Override
    public Watch begin() {
        StreamingDecoder decoder = prompts.decoderAfter(prompt);
        StringBuilder recent = new StringBuilder();
        return id -> {
            recent.append(id < vocabulary ? decoder.push(id) : "");
            boolean ends = texts.stream().anyMatch(text -> recent.indexOf(text) >= 0);
            recent.delete(0, Math.max(0, recent.length() - longest + 1));
            return ends;
        };
    }
}
