package io.github.rlhf4j.ppo;

/**
 * Advantages and returns of one response. The arrays are not copied; nobody changes them.
 *
 * @param advantages one for each reward
 * @param returns advantages + values: what the value model is to predict
 */
@SuppressWarnings("ArrayRecordComponent")
public record AdvantageEstimate(double[] advantages, double[] returns) {}
