package io.github.rlhf4j.core.stage;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.train.OptimizerSettings;

/**
 * AdamW, clipping, and how a step goes through the model.
 *
 * @param maxGradNorm clip the global gradient norm; 0: do not
 * @param weightDecay decoupled weight decay of matrices
 * @param adamBeta1 decay of the first moment
 * @param adamBeta2 decay of the second moment
 * @param adamEpsilon added to the root of the second moment
 * @param microBatchTokens rows that go through the model at once; 0: chosen by the model's size
 * @param gradientCheckpointing recompute activations in the backward pass: less memory, a third more time
 */
public record AdamWConfig(
        double maxGradNorm,
        double weightDecay,
        double adamBeta1,
        double adamBeta2,
        double adamEpsilon,
        int microBatchTokens,
        boolean gradientCheckpointing)
        implements ConfigGroup {
    /** PyTorch's and transformers' defaults. */
    public static final AdamWConfig DEFAULT = new AdamWConfig(1, 0, 0.9, 0.999, 1e-8, 0, false);

    public AdamWConfig {
        checkConfig(maxGradNorm >= 0, "max_grad_norm", maxGradNorm, "must be > 0, or 0 for no clipping");
        checkConfig(weightDecay >= 0 && Double.isFinite(weightDecay), "weight_decay", weightDecay, "must be >= 0");
        checkConfig(adamBeta1 >= 0 && adamBeta1 < 1, "adam_beta1", adamBeta1, "must be in [0, 1)");
        checkConfig(adamBeta2 >= 0 && adamBeta2 < 1, "adam_beta2", adamBeta2, "must be in [0, 1)");
        checkConfig(adamEpsilon > 0, "adam_epsilon", adamEpsilon, "must be > 0");
        checkConfig(
                microBatchTokens >= 0,
                "micro_batch_tokens",
                microBatchTokens,
                "must be >= 1, or 0 to choose by the model's size");
    }

    /** This with another size of micro-batches. */
    public AdamWConfig withMicroBatchTokens(int tokens) {
        return new AdamWConfig(
                maxGradNorm, weightDecay, adamBeta1, adamBeta2, adamEpsilon, tokens, gradientCheckpointing);
    }

    /** This with another bound on the gradient norm. */
    public AdamWConfig withMaxGradNorm(double norm) {
        return new AdamWConfig(
                norm, weightDecay, adamBeta1, adamBeta2, adamEpsilon, microBatchTokens, gradientCheckpointing);
    }

    /** What the optimiser is told. */
    OptimizerSettings settings(double dropout) {
        return new OptimizerSettings(
                adamBeta1,
                adamBeta2,
                adamEpsilon,
                weightDecay,
                maxGradNorm,
                microBatchTokens,
                gradientCheckpointing,
                dropout);
    }
}
