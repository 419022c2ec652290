package io.github.rlhf4j.lab.pages;

import java.util.List;

/**
 * L = E + B / D'^beta with D' = U + U R* (1 - exp(-R / R*)), of a model of one size trained on U different tokens R more times (Muennighoff et al. 2023, Eq. 5 without the term of the model's size).
 *
 * @param halfLife R*: after so many repetitions a token is worth 1 / e of a new one
 */
record RepeatedData(double e, double b, double beta, double halfLife) {
    private static final double DELTA = 1e-3;
    private static final double[] EXPONENTS = {0.2, 0.5, 1};
    private static final double[] LOG_HALF_LIVES = {0, 1.5, 3, 4.5};

    /**
     * A measured run.
     *
     * @param unique different tokens
     * @param epochs passes over them; below 1 a part of them was read once
     */
    record Point(double unique, double epochs, double loss) {}

    /** Different tokens that would have been worth the same. */
    static double worth(double unique, double epochs, double halfLife) {
        double more = epochs - 1;
        return more <= 0 ? unique * epochs : unique * (1 + halfLife * (1 - Math.exp(-more / halfLife)));
    }

    double loss(double unique, double epochs) {
        return e + b / Math.pow(worth(unique, epochs, halfLife), beta);
    }

    static RepeatedData fit(List<Point> points) {
        Lbfgs.Minimum best = new Lbfgs.Minimum(new double[4], Double.POSITIVE_INFINITY);
        Lbfgs.Function function = Lbfgs.differentiated(at -> value(points, of(at)));
        for (double beta : EXPONENTS) {
            for (double logHalfLife : LOG_HALF_LIVES) {
                for (double logB : new double[] {1, 3, 5}) {
                    double[] start = {0, logB, beta, logHalfLife};
                    Lbfgs.Minimum found = Lbfgs.minimise(function, start, 500);
                    best = found.value() < best.value() ? found : best;
                }
            }
        }
        return of(best.at());
    }

    private static RepeatedData of(double[] at) {
        return new RepeatedData(Math.exp(at[0]), Math.exp(at[1]), at[2], Math.exp(at[3]));
    }

    /** Huber losses of log L. */
    private static double value(List<Point> points, RepeatedData law) {
        double sum = 0;
        for (Point point : points) {
            double residual = Math.abs(Math.log(law.loss(point.unique(), point.epochs()) / point.loss()));
            sum += residual <= DELTA ? residual * residual / 2 : DELTA * (residual - DELTA / 2);
        }
        return sum;
    }
}
