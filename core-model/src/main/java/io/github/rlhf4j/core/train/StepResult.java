package io.github.rlhf4j.core.train;

/**
 * What an optimiser step did.
 *
 * @param loss the weighted sum of the terms' losses
 * @param gradientNorm global L2 norm before clipping
 * @param learningRate used by this step
 * @param tokens tokens that an unshared, unpadded batch holds (TRL's num_tokens counts these)
 * @param metrics what the objectives recorded
 */
public record StepResult(double loss, double gradientNorm, double learningRate, long tokens, StepMetrics metrics) {
    /** A step that trains nothing: it has no loss, gradient or learning rate, and none is logged. */
    public static StepResult untrained(long tokens, StepMetrics metrics) {
        return new StepResult(Double.NaN, Double.NaN, Double.NaN, tokens, metrics);
    }

    /** Whether it trained something. */
    public boolean isTrained() {
        return !Double.isNaN(learningRate);
    }
}
