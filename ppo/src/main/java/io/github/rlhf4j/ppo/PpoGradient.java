package io.github.rlhf4j.ppo;

import java.util.List;

/**
 * The total loss of (a part of) a mini-batch, its derivatives and statistics.
 *
 * @param loss policy + vf_coef * value - entropy_coef * entropy
 * @param gradients by response, in the order given
 * @param statistics what is reported
 */
public record PpoGradient(double loss, List<TokenGradients> gradients, PpoStatistics statistics) {
    public PpoGradient {
        gradients = List.copyOf(gradients);
    }
}
