package io.github.rlhf4j.lab.pages;

import java.util.List;

/**
 * L(N, D) = E + A / N^alpha + B / D^beta (Hoffmann et al. 2022, Eq. 2).
 *
 * <p>Fitted as their Appendix D.3: the Huber loss (delta 1e-3) of log L, over a = log A, b = log B, e = log E, alpha and beta, by L-BFGS from a grid of starts.
 */
record ScalingLaw(double e, double a, double b, double alpha, double beta) {
    /** Hoffmann et al. 2022, Approach 3, as published. */
    static final ScalingLaw CHINCHILLA = new ScalingLaw(1.69, 406.4, 410.7, 0.34, 0.28);
    /** Besiroglu et al. 2024, arXiv:2404.10102, Table 1. */
    static final ScalingLaw BESIROGLU = new ScalingLaw(1.8172, 482.01, 2085.43, 0.3478, 0.3658);

    private static final double DELTA = 1e-3;
    private static final int ITERATIONS = 2_000;
    private static final double[] EXPONENTS = {0, 0.5, 1};
    private static final double[] LOG_FACTORS = {0, 10, 20};
    private static final double[] LOG_FLOORS = {-1, 0, 1};

    /**
     * A measured run.
     *
     * @param n parameters
     * @param d tokens
     * @param loss nats a token
     */
    record Point(double n, double d, double loss) {}

    double loss(double n, double d) {
        return e + a / Math.pow(n, alpha) + b / Math.pow(d, beta);
    }

    /** N_opt grows as C to this power (their Eq. 4). */
    double sizeExponent() {
        return beta / (alpha + beta);
    }

    /** The best size at a budget of C = 6 N D (their Eq. 4). */
    double bestSize(double flops) {
        double g = Math.pow(alpha * a / (beta * b), 1 / (alpha + beta));
        return g * Math.pow(flops / 6, sizeExponent());
    }

    static ScalingLaw fit(List<Point> points) {
        Lbfgs.Minimum best = new Lbfgs.Minimum(new double[5], Double.POSITIVE_INFINITY);
        for (double alpha : EXPONENTS) {
            for (double beta : EXPONENTS) {
                for (double logA : LOG_FACTORS) {
                    for (double logB : LOG_FACTORS) {
                        for (double logE : LOG_FLOORS) {
                            Lbfgs.Minimum found = from(points, new double[] {logA, logB, logE, alpha, beta});
                            best = found.value() < best.value() ? found : best;
                        }
                    }
                }
            }
        }
        return of(best.at());
    }

    /** The fit that begins here: for resampled points. */
    ScalingLaw refit(List<Point> points) {
        return of(from(points, new double[] {Math.log(a), Math.log(b), Math.log(e), alpha, beta})
                .at());
    }

    private static ScalingLaw of(double[] at) {
        return new ScalingLaw(Math.exp(at[2]), Math.exp(at[0]), Math.exp(at[1]), at[3], at[4]);
    }

    private static Lbfgs.Minimum from(List<Point> points, double[] start) {
        return Lbfgs.minimise((at, gradient) -> objective(points, at, gradient), start, ITERATIONS);
    }

    /** Sum of Huber losses of log-sum-exp(a - alpha log N, b - beta log D, e) - log L, and its gradient. */
    static double objective(List<Point> points, double[] at, double[] gradient) {
        java.util.Arrays.fill(gradient, 0);
        double sum = 0;
        for (Point point : points) {
            double logN = Math.log(point.n());
            double logD = Math.log(point.d());
            double first = at[0] - at[3] * logN;
            double second = at[1] - at[4] * logD;
            double most = Math.max(at[2], Math.max(first, second));
            double x = Math.exp(first - most);
            double y = Math.exp(second - most);
            double z = Math.exp(at[2] - most);
            double total = x + y + z;
            double residual = most + Math.log(total) - Math.log(point.loss());
            boolean isSmall = Math.abs(residual) <= DELTA;
            sum += isSmall ? residual * residual / 2 : DELTA * (Math.abs(residual) - DELTA / 2);
            double slope = isSmall ? residual : DELTA * Math.signum(residual);
            gradient[0] += slope * x / total;
            gradient[1] += slope * y / total;
            gradient[2] += slope * z / total;
            gradient[3] -= slope * x / total * logN;
            gradient[4] -= slope * y / total * logD;
        }
        return sum;
    }
}
