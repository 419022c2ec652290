package io.github.rlhf4j.rollout;

/** What is known of picking the best of n samples without measuring it. For best-of-n sampling; no stage uses it yet. */
public final class BestOfN {
    private BestOfN() {}

    /**
     * An upper bound on the divergence of best-of-n from the policy it samples, nats: log n - (n - 1)/n.
     *
     * <p>Source: Stiennon et al. 2020, arXiv:2009.01325, App. G.3; that it is a bound: Beirami et al. 2024, arXiv:2401.01879.
     *
     * @param samples n, >= 1
     */
    public static double klUpperBound(int samples) {
        check(samples);
        return Math.log(samples) - (samples - 1.0) / samples;
    }

    /** An upper bound on the win rate of best-of-n against one sample: n / (n + 1). */
    public static double winRateBound(int samples) {
        check(samples);
        return samples / (samples + 1.0);
    }

    private static void check(int samples) {
        if (samples < 1) {
            throw new IllegalArgumentException("samples must be >= 1, but is " + samples);
        }
    }
}
