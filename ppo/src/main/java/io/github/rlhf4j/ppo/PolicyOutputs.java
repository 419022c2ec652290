package io.github.rlhf4j.ppo;

/**
 * What the models say now about one response. The arrays are not copied; nobody changes them.
 *
 * @param logProbs log-probability of each token, nats
 * @param entropies entropy of the distribution each token is from, nats
 * @param values value at each position that has a return
 */
@SuppressWarnings("ArrayRecordComponent")
public record PolicyOutputs(double[] logProbs, double[] entropies, double[] values) {}
