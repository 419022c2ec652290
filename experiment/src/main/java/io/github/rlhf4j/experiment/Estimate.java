package io.github.rlhf4j.experiment;

import org.apache.commons.math3.distribution.TDistribution;

/**
 * A mean over runs.
 *
 * @param mean NaN where there is no run
 * @param se its standard error, from the sample's standard deviation; NaN where there are fewer than two runs
 * @param n runs
 */
public record Estimate(double mean, double se, int n) {
    /** Of some values. */
    public static Estimate of(double... values) {
        int n = values.length;
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        double mean = sum / n;
        double squares = 0;
        for (double value : values) {
            squares += (value - mean) * (value - mean);
        }
        return new Estimate(mean, n < 2 ? Double.NaN : Math.sqrt(squares / (n - 1) / n), n);
    }

    /**
     * Half of the confidence interval by Student's t; NaN where there are fewer than two runs.
     *
     * @param confidence such as 0.95
     */
    public double halfWidth(double confidence) {
        return n < 2 ? Double.NaN : se * quantile(n - 1, confidence);
    }

    /** The factor of a standard error with so many degrees of freedom. */
    static double quantile(double degrees, double confidence) {
        return new TDistribution(null, degrees).inverseCumulativeProbability((1 + confidence) / 2);
    }
}
