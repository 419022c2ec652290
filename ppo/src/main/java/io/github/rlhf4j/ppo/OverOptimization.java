package io.github.rlhf4j.ppo;

/**
 * How the true reward rises and falls as a proxy is optimised, over d = sqrt(KL).
 *
 * <pre>  best-of-n  R = d (alpha - beta d)      reinforcement learning  R = d (alpha - beta log d)</pre>
 *
 * <p>Source: Gao et al. 2022, arXiv:2210.10760, section 3.1.
 *
 * @param alpha slope at the start
 * @param beta strength of over-optimisation, > 0
 */
public record OverOptimization(double alpha, double beta) {
    /** The reward of best-of-n at distance {@code d}, root nats. */
    public double bestOfN(double d) {
        return d * (alpha - beta * d);
    }

    /** The reward of reinforcement learning at distance {@code d}, root nats; 0 at 0. */
    public double reinforcement(double d) {
        return d == 0 ? 0 : d * (alpha - beta * Math.log(d));
    }

    /** The distance where best-of-n is best: alpha / (2 beta). */
    public double bestOfNPeak() {
        return alpha / (2 * beta);
    }

    /** The distance where reinforcement learning is best: exp(alpha/beta - 1). */
    public double reinforcementPeak() {
        return Math.exp(alpha / beta - 1);
    }
}
