package io.github.rlhf4j.ppo;

/**
 * The clipped surrogate loss at one token.
 *
 * <pre>
 *   loss = max(-A r, -A clip(r, 1 - low, 1 + high)),   r = exp(new - old log-probability)
 *   with dual clip c, where A &lt; 0:   loss = min(loss, -A c)
 * </pre>
 *
 * <p>Source: Schulman et al. 2017, arXiv:1707.06347, Eq. 7; dual clip: Ye et al. 2019, arXiv:1912.09729, Eq. 5.
 *
 * @param low how far the ratio may fall below 1, in [0, 1)
 * @param high how far it may rise above 1, >= 0
 * @param dualClip c, > 1; infinite is none
 */
public record PolicyLoss(double low, double high, double dualClip) {
    public PolicyLoss {
        check(low >= 0 && low < 1, "cliprange", low, "in [0, 1)");
        check(high >= 0, "cliprange_high", high, ">= 0");
        check(dualClip > 1, "dual_clip", dualClip, "> 1");
    }

    /** Symmetric clipping without dual clip. */
    public static PolicyLoss symmetric(double range) {
        return new PolicyLoss(range, range, Double.POSITIVE_INFINITY);
    }

    /**
     * One token.
     *
     * @param logProb new log-probability, nats
     * @param oldLogProb log-probability when it was sampled, nats
     * @param advantage its advantage
     */
    public ElementGradient evaluate(double logProb, double oldLogProb, double advantage) {
        double ratio = Math.exp(logProb - oldLogProb);
        double plain = -advantage * ratio;
        double clipped = -advantage * Math.max(1 - low, Math.min(1 + high, ratio));
        double loss = Math.max(plain, clipped);
        double gradient = clipped > plain ? 0 : plain; // d ratio / d logProb = ratio
        if (advantage < 0 && loss > -advantage * dualClip) {
            return new ElementGradient(-advantage * dualClip, 0, clipped > plain);
        }
        return new ElementGradient(loss, gradient, clipped > plain);
    }

    private static void check(boolean valid, String key, double value, String range) {
        if (!valid) {
            throw new IllegalArgumentException(key + " must be " + range + ", but is " + value);
        }
    }
}
