package io.github.rlhf4j.core.math;

/**
 * Count, mean and spread of numbers seen so far, one at a time or merged from parts. Immutable: its three components are its whole state.
 *
 * <p>Source: Welford 1962; merging: Chan, Golub and LeVeque 1983, Eq. 2.1.
 *
 * @param count how many numbers were seen
 * @param mean their mean, 0 where there are none
 * @param squares the sum of squared distances from the mean
 */
public record RunningStatistics(long count, double mean, double squares) {
    /** Nothing seen yet. */
    public static final RunningStatistics EMPTY = new RunningStatistics(0, 0, 0);

    public RunningStatistics {
        if (count < 0 || !Double.isFinite(mean) || !(squares >= 0)) {
            throw new IllegalArgumentException(
                    "not the statistics of finite numbers: count " + count + ", mean " + mean + ", squares " + squares);
        }
    }

    /** The statistics of {@code values}. */
    public static RunningStatistics of(double... values) {
        RunningStatistics statistics = EMPTY;
        for (double value : values) {
            statistics = statistics.plus(value);
        }
        return statistics;
    }

    /** With one more number, which must be finite. */
    public RunningStatistics plus(double value) {
        double distance = value - mean;
        double newMean = mean + distance / (count + 1);
        return new RunningStatistics(count + 1, newMean, squares + distance * (value - newMean));
    }

    /** With all that {@code other} has seen. */
    public RunningStatistics merge(RunningStatistics other) {
        if (count == 0) {
            return other;
        }
        if (other.count == 0) {
            return this;
        }
        long total = count + other.count;
        double distance = other.mean - mean;
        double share = (double) other.count / total;
        return new RunningStatistics(
                total, mean + distance * share, squares + other.squares + distance * distance * count * share);
    }

    /** The biased variance (divided by the count), 0 where nothing was seen. */
    public double variance() {
        return count == 0 ? 0 : squares / count;
    }

    /** The unbiased variance (divided by the count less one), 0 for fewer than two numbers. */
    public double sampleVariance() {
        return count < 2 ? 0 : squares / (count - 1);
    }

    /** The root of {@link #variance}. */
    public double standardDeviation() {
        return Math.sqrt(variance());
    }

    /** The standard error of the mean, 0 for fewer than two numbers. */
    public double standardError() {
        return count < 2 ? 0 : Math.sqrt(sampleVariance() / count);
    }
}
