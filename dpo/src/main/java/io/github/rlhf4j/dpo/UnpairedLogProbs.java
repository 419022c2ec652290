package io.github.rlhf4j.dpo;

/**
 * One response with a thumb up or down.
 *
 * @param desirable whether the response is one to produce
 * @param policy its log-probability under the policy, summed over its tokens, nats
 * @param reference the same under the reference, nats
 */
public record UnpairedLogProbs(boolean desirable, double policy, double reference) {}
