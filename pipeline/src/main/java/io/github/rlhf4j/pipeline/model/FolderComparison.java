package io.github.rlhf4j.pipeline.model;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import io.github.rlhf4j.gguf.ReadBack;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A fixed text as a model reads it, and as the folder that was written of it does.
 *
 * @param largestDifference of the log-probs of the text's tokens, nats
 * @param meanLogProb of them in the folder, nats
 * @param tokens of the text
 */
public record FolderComparison(double largestDifference, double meanLogProb, int tokens) {
    /** One model after the other is in memory. Empty for a model that is not asked for tokens, or has no tokenizer of its size that opens. */
    static Optional<FolderComparison> of(GivenModel from, Path written, Kernels kernels) {
        if (from.head() != Head.LANGUAGE || !Files.isRegularFile(written.resolve("tokenizer.json"))) {
            return Optional.empty();
        }
        HuggingFaceTokenizer opened;
        try {
            opened = HuggingFaceTokenizer.open(written);
        } catch (UserError e) {
            return Optional.empty(); // a copy of what was given: the weights are written, and its readers may take it
        }
        try (HuggingFaceTokenizer tokenizer = opened) {
            ReadBack original;
            try (Transformer model = from.load(kernels)) {
                if (tokenizer.vocabSize() > model.config().vocabSize()) {
                    return Optional.empty();
                }
                original = ReadBack.of(model, tokenizer, model.config().maxPositions());
            }
            try (Transformer model = GivenModel.of(written, Optional.empty()).load(kernels)) {
                ReadBack again = ReadBack.of(model, tokenizer, model.config().maxPositions());
                return Optional.of(
                        new FolderComparison(original.largestDifference(again), again.meanLogProb(), again.tokens()));
            }
        }
    }
}
