package io.github.rlhf4j.rollout;

/**
 * Per-token estimators of the Kullback-Leibler divergence of policy from reference, for tokens drawn from the policy, nats.
 *
 * <p>Source: Schulman 2020, "Approximating KL divergence" (joschu.net/blog/kl-approx.html).
 */
public enum KlEstimator {
    /** logr: unbiased, of either sign. */
    K1 {
        @Override
        public double value(double logRatio) {
            return logRatio;
        }

        @Override
        public double slope(double logRatio) {
            return 1;
        }
    },
    /** logr^2 / 2: biased, never negative. */
    K2 {
        @Override
        public double value(double logRatio) {
            return logRatio * logRatio / 2;
        }

        @Override
        public double slope(double logRatio) {
            return logRatio;
        }
    },
    /** e^-logr - 1 + logr: unbiased, never negative. */
    K3 {
        @Override
        public double value(double logRatio) {
            return Math.expm1(-logRatio) + logRatio;
        }

        @Override
        public double slope(double logRatio) {
            return -Math.expm1(-logRatio);
        }
    };

    /**
     * The estimate at one token.
     *
     * @param logRatio log-probability under the policy less that under the reference, nats
     */
    public abstract double value(double logRatio);

    /** d estimate / d (log-probability under the policy). */
    public abstract double slope(double logRatio);
}
