package io.github.rlhf4j.sft;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import java.util.Optional;

/**
 * The tokenizer of a new model: one that exists, or a byte-level BPE trained on the stage's dataset.
 *
 * @param path a folder with tokenizer.json
 * @param vocabSize tokens of a new one, at least 258
 */
public record TokenizerConfig(Optional<String> path, Optional<Integer> vocabSize) {
    private static final int SMALLEST = 258;

    public TokenizerConfig {
        checkConfig(
                path.isPresent() != vocabSize.isPresent(),
                "tokenizer",
                path.isPresent() ? "both path and vocab_size" : "neither path nor vocab_size",
                "must have exactly one of path and vocab_size");
        checkConfig(
                vocabSize.orElse(SMALLEST) >= SMALLEST,
                "vocab_size",
                vocabSize.orElse(0),
                "must be >= 258 (256 bytes, begin and end)");
    }
}
