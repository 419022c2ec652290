package io.github.rlhf4j.core.train;

import io.github.rlhf4j.core.kernels.Compute;
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

    /** With fewer, rounding and packing the weights for each micro-batch costs a tenth of a step. */
    private static final int SMALLEST_OF_BFLOAT16 = 512;

    private static final int LARGEST = 8192;
    private static final long ACTIVATION_BYTES = 96L << 20;

    /** The size of micro-batches for a model: as given, or else {@link #defaultMicroBatchTokens(Transformer)}. */
    public int microBatchTokens(Transformer model) {
        return microBatchTokens > 0 ? microBatchTokens : defaultMicroBatchTokens(model);
    }

    /** The automatic choice: as many rows as keep activations below the larger of 96 MiB and half of the weights, within 256 (in bfloat16 512) .. 8,192. Depends on the model and on what it computes in alone. */
    public static int defaultMicroBatchTokens(Transformer model) {
        return defaultMicroBatchTokens(
                model.parameters().count(),
                model.activationBytes(SMALLEST, true),
                model.kernels().compute());
    }

    /** The automatic choice for a model of that size. */
    public static int defaultMicroBatchTokens(ModelSize size, Compute compute) {
        return defaultMicroBatchTokens(size.parameters(), size.activationBytes(SMALLEST, true, false), compute);
    }

    private static int defaultMicroBatchTokens(long parameters, long bytesOfSmallest, Compute compute) {
        long bytes = Math.max(ACTIVATION_BYTES, 2 * parameters);
        long perRow = Math.max(1, bytesOfSmallest / SMALLEST);
        int smallest = compute == Compute.BFLOAT16 ? SMALLEST_OF_BFLOAT16 : SMALLEST;
        return (int) Math.max(smallest, Math.min(LARGEST, bytes / perRow));
    }
}
