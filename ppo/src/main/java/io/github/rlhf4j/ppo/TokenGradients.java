package io.github.rlhf4j.ppo;

/**
 * Derivatives of the mini-batch's total loss by what the models say about one response.
 *
 * @param dLogProbs by each token's log-probability
 * @param dEntropies by each token's entropy
 * @param dValues by the value at each position
 */
@SuppressWarnings("ArrayRecordComponent")
public record TokenGradients(double[] dLogProbs, double[] dEntropies, double[] dValues) {}
