package io.github.rlhf4j.core.train;

import io.github.rlhf4j.core.model.ModelSize;
import io.github.rlhf4j.core.model.Transformer;

/**
 * The optimiser's part of a stage's config, with the names of Hugging Face's TrainingArguments.
 *
 * @param adamBeta1 decay of the first moment
 * @param adamBeta2 decay of the second moment
 * @param adamEpsilon added to the root of the second moment
 * @param weightDecay decoupled, on matrices only
 * @param maxGradNorm clip the global gradient norm to this; 0 does not clip
 * @param microBatchTokens rows that go through the model at once; 0 chooses by the size of the model
 * @param gradientCheckpointing recompute activations in the backward pass
 * @param dropout residual dropout rate; 0 none
 */
public record OptimizerSettings(
        double adamBeta1,
        double adamBeta2,
        double adamEpsilon,
        double weightDecay,
        double maxGradNorm,
        int microBatchTokens,
        boolean gradientCheckpointing,
        double dropout) {
    private static final int SMALLEST = 256;
    private static final int LARGEST = 8192;
    private static final long ACTIVATION_BYTES = 96L << 20;

    /** The size of micro-batches for a model: as given, or else as many rows as keep activations below the larger of 96 MiB and half of the weights, within 256 .. 8,192. Depends on the model alone. */
    public int microBatchTokens(Transformer model) {
        return microBatchTokens > 0 ? microBatchTokens : defaultMicroBatchTokens(model);
    }

    /** The automatic choice. */
    public static int defaultMicroBatchTokens(Transformer model) {
        return defaultMicroBatchTokens(model.parameters().count(), model.activationBytes(SMALLEST, true));
    }

    /** The automatic choice for a model of that size. */
    public static int defaultMicroBatchTokens(ModelSize size) {
        return defaultMicroBatchTokens(size.parameters(), size.activationBytes(SMALLEST, true, false));
    }

    private static int defaultMicroBatchTokens(long parameters, long bytesOfSmallest) {
        long bytes = Math.max(ACTIVATION_BYTES, 2 * parameters);
        long perRow = Math.max(1, bytesOfSmallest / SMALLEST);
        return (int) Math.max(SMALLEST, Math.min(LARGEST, bytes / perRow));
    }
}
