package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.tokenizer.StreamingDecoder;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import java.util.List;

/**
 * Texts that end a continuation, as transformers' {@code stop_strings}: it ends with the first token in whose text one of them ends, wherever in that token's text, and even where it began in the prompt.
 */
final class StopStrings implements StopRule {
    private final List<String> texts;
    private final int longest; // chars
    private final Tokenizer tokenizer;
    private final StreamingDecoderFactory decoders;
    private final String promptTail;

    /** Makes a decoder that continues after the prompt. */
    @FunctionalInterface
    interface StreamingDecoderFactory {
        StreamingDecoder open();
    }

    /** @param texts none of them empty */
    StopStrings(List<String> texts, Tokenizer tokenizer, int[] promptIds, StreamingDecoderFactory decoders) {
        this.texts = texts;
        this.longest = texts.stream().mapToInt(String::length).max().orElse(0);
        this.tokenizer = tokenizer;
        this.decoders = decoders;
        this.promptTail = tail(new StringBuilder(tokenizer.decode(promptIds, false)));
    }

    private String tail(StringBuilder text) {
        return text.substring(Math.max(0, text.length() - Math.max(0, longest - 1)));
    }

    @Override
    public Watch begin() {
        StreamingDecoder decoder = decoders.open();
        StringBuilder recent = new StringBuilder(promptTail);
        return id -> {
            String piece = tokenizer.isSpecial(id) ? tokenizer.decode(new int[] {id}, false) : decoder.push(id);
            int before = recent.length();
            recent.append(piece);
            boolean ends =
                    texts.stream().anyMatch(text -> recent.indexOf(text, Math.max(0, before - text.length() + 1)) >= 0);
            recent.delete(0, recent.length() - tail(recent).length());
            return ends && !piece.isEmpty();
        };
    }
}
