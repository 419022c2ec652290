package io.github.rlhf4j.core.math;

/** The one home of log-space arithmetic; every method is finite and accurate for all finite arguments. */
public final class StableMath {
    private StableMath() {}

    /** The logistic sigmoid, 1 / (1 + e^-x). */
    public static double sigmoid(double x) {
        if (x >= 0) {
            return 1 / (1 + Math.exp(-x));
        }
        double e = Math.exp(x);
        return e / (1 + e);
    }

    /** log sigmoid(x) = -log(1 + e^-x). */
    public static double logSigmoid(double x) {
        return -softplus(-x);
    }

    /** log(1 + e^x). */
    public static double softplus(double x) {
        return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    }

    /** log(1 - e^x) for x &lt; 0. Source: Maechler 2012, "Accurately computing log(1 - exp(-|a|))". */
    public static double log1mExp(double x) {
        return x > -0.6931471805599453 ? Math.log(-Math.expm1(x)) : Math.log1p(-Math.exp(x));
    }

    /** log(sum of e^x) over {@code values[from..to)}; -infinity for an empty range. */
    public static double logSumExp(double[] values, int from, int to) {
        double max = Double.NEGATIVE_INFINITY;
        for (int i = from; i < to; i++) {
            max = Math.max(max, values[i]);
        }
        if (Double.isInfinite(max)) {
            return max;
        }
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += Math.exp(values[i] - max);
        }
        return max + Math.log(sum);
    }
}
