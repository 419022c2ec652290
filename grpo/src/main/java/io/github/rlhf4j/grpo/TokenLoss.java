package io.github.rlhf4j.grpo;

import io.github.rlhf4j.core.train.StepMetrics;

/** What GRPO's losses differ in: the loss of one token, and what is counted beside it. */
interface TokenLoss {
    /**
     * The loss of one token.
     *
     * @param ratio of the policy's probability to that when the response was sampled: the token's, or with importance_sampling_level: sequence the response's
     * @param logProb under the policy, nats
     * @param advantage of the response
     */
    TokenTerm at(double ratio, double logProb, double advantage);

    /**
     * Counts the clipped ones of the ratios of one response.
     *
     * @param ratios of its tokens, or one for all
     */
    void count(double[] ratios, double advantage, StepMetrics metrics);
}
