package io.github.rlhf4j.evaluation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The tokens in which a model was asked.
 *
 * @param directory the model's folder
 * @param promptIds of each prompt
 */
record SampledText(Path directory, List<int[]> promptIds) {
    /** Whether two models have the same tokenizer.json. */
    static boolean sameTokenizer(Path one, Path other) {
        try {
            return Files.mismatch(one.resolve("tokenizer.json"), other.resolve("tokenizer.json")) < 0;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot compare the tokenizers of " + one + " and " + other, e);
        }
    }
}
