package io.github.rlhf4j.ppo;

import io.github.rlhf4j.rollout.KlEstimator;

/**
 * Makes a response's per-token rewards of its score and its divergence from the reference.
 *
 * <pre>  r_t = -kl_coef * kl_t,   plus the score (less the penalty where the response never ended) at the placement's token</pre>
 *
 * <p>Source: Ziegler et al. 2019, arXiv:1909.08593, section 2.1; the penalty as TRL's.
 *
 * @param estimator of the divergence at a token (K1: the paper)
 * @param placement which token the score is given at
 * @param missingEosPenalty {@code missing_eos_penalty}, subtracted from the score of a response that never ended, >= 0
 */
public record RewardShaping(KlEstimator estimator, RewardPlacement placement, double missingEosPenalty) {
    public RewardShaping {
        if (!(missingEosPenalty >= 0 && Double.isFinite(missingEosPenalty))) {
            throw new IllegalArgumentException(
                    "missing_eos_penalty must be finite and >= 0, but is " + missingEosPenalty);
        }
    }

    /** The score after the penalty. */
    public double penalized(double score, boolean ended) {
        return ended ? score : score - missingEosPenalty;
    }

    /** The number of positions that have a reward and a value: the response's tokens, or one more for {@link RewardPlacement#AFTER_END}. */
    public int positions(int tokens, int responseLength) {
        return placement == RewardPlacement.AFTER_END && tokens < responseLength ? tokens + 1 : tokens;
    }

    /**
     * The rewards of one response, one for each of its {@link #positions}.
     *
     * @param logProbs log-probability of each token under the policy that sampled it, nats
     * @param refLogProbs the same under the reference, nats
     * @param score the score, {@link #penalized} already
     * @param klCoef cost of a nat of divergence
     * @param responseLength the longest a response may be, tokens
     */
    public double[] rewards(double[] logProbs, double[] refLogProbs, double score, double klCoef, int responseLength) {
        if (logProbs.length == 0 || logProbs.length != refLogProbs.length) {
            throw new IllegalArgumentException(
                    logProbs.length + " log-probs but " + refLogProbs.length + " of the reference");
        }
        double[] rewards = new double[positions(logProbs.length, responseLength)];
        for (int t = 0; t < logProbs.length; t++) {
            rewards[t] = -klCoef * estimator.value(logProbs[t] - refLogProbs[t]);
        }
        rewards[rewards.length - 1] += score;
        return rewards;
    }

    /**
     * The rewards of one response whose score was given in parts, as it was written.
     *
     * @param parts of the score, one for each token, which move from the score's place to theirs; empty: none
     */
    public double[] rewards(
            double[] logProbs, double[] refLogProbs, double score, double[] parts, double klCoef, int responseLength) {
        double[] rewards = rewards(logProbs, refLogProbs, score, klCoef, responseLength);
        for (int t = 0; t < parts.length; t++) {
            rewards[t] += parts[t];
            rewards[rewards.length - 1] -= parts[t];
        }
        return rewards;
    }
}
