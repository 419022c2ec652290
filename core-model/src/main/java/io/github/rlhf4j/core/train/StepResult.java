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
public record StepResult(double loss, double gradientNorm, double learningRate, long tokens, StepMetrics metrics) {}
