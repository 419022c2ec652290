package io.github.rlhf4j.ppo;

import io.github.rlhf4j.rollout.KlEstimator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is reported of an iteration's roll-outs, in TRL's names: means over responses of sums over their tokens. Immutable and mergeable.
 *
 * @param responses responses seen
 * @param kl sum over responses of their tokens' divergence, nats
 * @param entropy sum over responses of minus their tokens' log-probabilities, nats
 * @param nonScoreReward sum over responses of the penalty on the divergence
 * @param scores sum of scores, after normalisation, clipping and the penalty for a missing end
 * @param ended responses that end with an end token
 */
public record RolloutMetrics(
        long responses, double kl, double entropy, double nonScoreReward, double scores, long ended) {
    /** Nothing seen yet. */
    public static final RolloutMetrics EMPTY = new RolloutMetrics(0, 0, 0, 0, 0, 0);

    /**
     * Those of one response.
     *
     * @param logProbs log-probabilities under the policy, nats
     * @param refLogProbs the same under the reference, nats
     * @param score the response's score
     * @param ended whether it ends with an end token
     * @param klCoef cost of a nat of divergence
     * @param estimator of the divergence
     */
    public static RolloutMetrics of(
            double[] logProbs,
            double[] refLogProbs,
            double score,
            boolean ended,
            double klCoef,
            KlEstimator estimator) {
        double kl = 0;
        double entropy = 0;
        for (int t = 0; t < logProbs.length; t++) {
            kl += estimator.value(logProbs[t] - refLogProbs[t]);
            entropy -= logProbs[t];
        }
        return new RolloutMetrics(1, kl, entropy, -klCoef * kl, score, ended ? 1 : 0);
    }

    /** With all that {@code other} has seen. */
    public RolloutMetrics merge(RolloutMetrics other) {
        return new RolloutMetrics(
                responses + other.responses,
                kl + other.kl,
                entropy + other.entropy,
                nonScoreReward + other.nonScoreReward,
                scores + other.scores,
                ended + other.ended);
    }

    /** Mean divergence, nats per response: what steers the {@link KlController}. */
    public double meanKl() {
        return kl / responses;
    }

    /** By TRL's names, in a fixed order. */
    public Map<String, Double> named() {
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("objective/kl", meanKl());
        metrics.put("objective/entropy", entropy / responses);
        metrics.put("objective/non_score_reward", nonScoreReward / responses);
        metrics.put("objective/rlhf_reward", (nonScoreReward + scores) / responses);
        metrics.put("objective/scores", scores / responses);
        metrics.put("val/num_eos_tokens", (double) ended);
        return metrics;
    }
}
