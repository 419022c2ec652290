package io.github.rlhf4j.evaluation;

import io.github.rlhf4j.core.math.ClusteredRatio;
import io.github.rlhf4j.core.math.RunningStatistics;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * A measured mean.
 *
 * @param mean of n values
 * @param standardError of the mean; absent where one value, or one cluster, cannot tell
 * @param n how many independent values, >= 1
 */
record Statistic(double mean, OptionalDouble standardError, long n) {
    /** The mean of values that are independent of each other; at least one. */
    static Statistic of(double... values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("a mean needs at least one value");
        }
        RunningStatistics statistics = RunningStatistics.of(values);
        return new Statistic(
                statistics.mean(), known(statistics.count(), statistics.standardError()), statistics.count());
    }

    /**
     * The share of hits when tries come in clusters, such as the pairs of one ranking, that are not independent: {@link ClusteredRatio}.
     *
     * @param hits of each cluster
     * @param tries of each cluster, their sum > 0
     * @return n is the number of tries
     */
    static Statistic ratio(double[] hits, double[] tries) {
        ClusteredRatio ratio = ClusteredRatio.of(hits, tries);
        return new Statistic(ratio.value(), ratio.standardError(), ratio.tries());
    }

    private static OptionalDouble known(long values, double error) {
        return values < 2 ? OptionalDouble.empty() : OptionalDouble.of(error);
    }

    /** {mean, se, n}, without se where it is absent. */
    Map<String, Object> tree() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("mean", mean);
        standardError.ifPresent(error -> tree.put("se", error));
        tree.put("n", n);
        return tree;
    }
}
