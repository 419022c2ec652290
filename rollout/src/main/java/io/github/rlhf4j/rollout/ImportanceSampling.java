package io.github.rlhf4j.rollout;

import java.util.Arrays;

/**
 * What becomes of weights that are too large: cut at a limit or 0, by token or by response.
 *
 * <p>Source: TRL 1.16's {@code vllm_importance_sampling_mode}; token_truncate is truncated importance sampling (Ionides 2008), sequence_mask is MIS (Liu et al. 2025, "When Speed Kills Stability").
 */
public enum ImportanceSampling {
    /** Each token's own weight, cut. */
    TOKEN_TRUNCATE,
    /** Each token's own weight; a larger one is 0. */
    TOKEN_MASK,
    /** One weight a response, that of its whole probability, cut. */
    SEQUENCE_TRUNCATE,
    /** One weight a response; a larger one is 0. */
    SEQUENCE_MASK;

    /** Whether a response has one weight. */
    public boolean isOfSequence() {
        return this == SEQUENCE_TRUNCATE || this == SEQUENCE_MASK;
    }

    /**
     * The weights of one response: one a token, or one for all.
     *
     * @param trainer log-probs of its tokens, nats
     * @param sampler log-probs, nats
     * @param limit {@code importance_sampling_clip_max}, > 0
     */
    public double[] weights(double[] trainer, double[] sampler, double limit) {
        double[] logRatios = new double[trainer.length];
        Arrays.setAll(logRatios, t -> trainer[t] - sampler[t]);
        boolean isMask = this == TOKEN_MASK || this == SEQUENCE_MASK;
        double[] taken = isOfSequence() ? new double[] {Arrays.stream(logRatios).sum()} : logRatios;
        return Arrays.stream(taken)
                .map(Math::exp)
                .map(ratio -> ratio <= limit ? ratio : isMask ? 0 : limit)
                .toArray();
    }
}
