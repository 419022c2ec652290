package io.github.rlhf4j.serve;

import io.github.rlhf4j.core.generation.HeldText;
import io.github.rlhf4j.core.tokenizer.StreamingDecoder;
import java.util.List;

/** The text of a continuation as it comes: without the stop text or stop token that ends it, never the middle of a character. */
final class SampleText {
    private final StreamingDecoder decoder;
    private final HeldText held;
    private int characters;

    SampleText(StreamingDecoder decoder, List<String> stops) {
        this.decoder = decoder;
        this.held = new HeldText(stops);
    }

    /** Adds a token, unless it is a stop token; what can be shown. */
    String push(int id) {
        return counted(held.push(decoder.push(id)));
    }

    /** Whether a stop text has come. */
    boolean hasEnded() {
        return held.hasEnded();
    }

    /** The rest, at the end. */
    String finish() {
        return counted(held.push(decoder.finish()) + held.finish());
    }

    private String counted(String text) {
        characters += text.codePointCount(0, text.length());
        return text;
    }

    /** Code points shown so far. */
    int characters() {
        return characters;
    }
}
