package io.github.rlhf4j.plan;

/**
 * A scaling law of Chinchilla's form (Hoffmann et al. 2022, Eq. 2), and what is best under it with C = 6 N D:
 *
 * <pre>
 *   L(N, D) = E + A / N^alpha + B / D^beta
 *   N* = G (C/6)^a,  D* = (C/6)^b / G,  a = beta / (alpha + beta),  b = alpha / (alpha + beta),
 *   G = (alpha A / (beta B))^(1 / (alpha + beta))
 * </pre>
 */
public record ScalingFit(double e, double a, double b, double alpha, double beta) {
    /** Nats a token that a model of so many parameters has after so many tokens. */
    public double loss(double parameters, double tokens) {
        return e + a / Math.pow(parameters, alpha) + b / Math.pow(tokens, beta);
    }

    /** The parameters that are best for so many FLOPs. */
    public double bestParameters(double flops) {
        return balance() * Math.pow(flops / 6, beta / (alpha + beta));
    }

    /** The tokens that are best for so many FLOPs. */
    public double bestTokens(double flops) {
        return Math.pow(flops / 6, alpha / (alpha + beta)) / balance();
    }

    /** The tokens with which so many parameters are the best choice. */
    public double bestTokensFor(double parameters) {
        double budget = Math.pow(parameters / balance(), (alpha + beta) / beta); // C / 6
        return budget / parameters;
    }

    private double balance() {
        return Math.pow(alpha * a / (beta * b), 1 / (alpha + beta));
    }
}
