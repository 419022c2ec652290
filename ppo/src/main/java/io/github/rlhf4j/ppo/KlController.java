package io.github.rlhf4j.ppo;

/** What the penalty on the divergence from the reference costs, and how that changes. Immutable: the next state is a new value. */
public sealed interface KlController {
    /** The coefficient now, per nat. */
    double coefficient();

    /**
     * The controller after an iteration.
     *
     * @param kl measured divergence, nats per response
     * @param responses responses it was measured on
     */
    KlController after(double kl, long responses);

    /**
     * A coefficient that stays.
     *
     * @param coefficient finite and >= 0
     */
    record Fixed(double coefficient) implements KlController {
        public Fixed {
            check(coefficient >= 0 && Double.isFinite(coefficient), "kl_coef", coefficient, "finite and >= 0");
        }

        @Override
        public KlController after(double kl, long responses) {
            return this;
        }
    }

    /**
     * A coefficient that steers the divergence to a target.
     *
     * <pre>  err = clip(KL / target - 1, -0.2, 0.2),   coefficient *= 1 + err * responses / horizon</pre>
     *
     * <p>Source: Ziegler et al. 2019, arXiv:1909.08593, section 2.2.
     *
     * @param coefficient finite and > 0
     * @param target nats per response, > 0 (6: the paper's code)
     * @param horizon responses, > 0 (10000: the paper's code)
     */
    record Adaptive(double coefficient, double target, double horizon) implements KlController {
        private static final double MAX_ERROR = 0.2;

        public Adaptive {
            check(coefficient > 0 && Double.isFinite(coefficient), "kl_coef", coefficient, "finite and > 0");
            check(target > 0 && Double.isFinite(target), "kl_target", target, "finite and > 0");
            check(horizon > 0 && Double.isFinite(horizon), "kl_horizon", horizon, "finite and > 0");
        }

        @Override
        public KlController after(double kl, long responses) {
            double error = Math.max(-MAX_ERROR, Math.min(MAX_ERROR, kl / target - 1));
            // more responses than 5 horizons would turn the sign: the factor stays positive
            double factor = Math.max(0.01, 1 + error * responses / horizon);
            return new Adaptive(coefficient * factor, target, horizon);
        }
    }

    private static void check(boolean valid, String key, double value, String range) {
        if (!valid) {
            throw new IllegalArgumentException(key + " must be " + range + ", but is " + value);
        }
    }
}
