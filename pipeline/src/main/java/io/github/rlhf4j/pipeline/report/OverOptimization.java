package io.github.rlhf4j.pipeline.report;

/**
 * How the true reward rises and falls as reinforcement learning optimises a proxy, over d = sqrt(KL).
 *
 * <pre>  R = d (alpha - beta log d)</pre>
 *
 * <p>Source: Gao et al. 2022, arXiv:2210.10760, section 3.1.
 *
 * @param alpha slope at the start
 * @param beta strength of over-optimisation, > 0
 */
record OverOptimization(double alpha, double beta) {
    /** The reward of reinforcement learning at distance {@code d}, root nats; 0 at 0. */
    double reinforcement(double d) {
        return d == 0 ? 0 : d * (alpha - beta * Math.log(d));
    }

    /** The distance where reinforcement learning is best: exp(alpha/beta - 1). */
    double reinforcementPeak() {
        return Math.exp(alpha / beta - 1);
    }
}
