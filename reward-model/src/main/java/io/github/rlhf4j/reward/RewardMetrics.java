package io.github.rlhf4j.reward;

import io.github.rlhf4j.core.math.RunningStatistics;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is reported of scores on rankings, in TRL's names. Immutable and mergeable.
 *
 * <p>A comparison is correct where the better response scores strictly more: a tie of scores counts as an error, as in TRL. Ties of the ranking
 * are not compared.
 *
 * @param comparisons pairs of different rank
 * @param correct those whose better response scores strictly more
 * @param marginSum the sum over comparisons of the better response's score less the other's
 * @param scores statistics of all scores
 * @param minimum the lowest score, +infinity where there is none
 * @param maximum the highest score, -infinity where there is none
 */
public record RewardMetrics(
        long comparisons, long correct, double marginSum, RunningStatistics scores, double minimum, double maximum) {
    /** Nothing seen yet. */
    public static final RewardMetrics EMPTY =
            new RewardMetrics(0, 0, 0, RunningStatistics.EMPTY, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);

    /** Those of one prompt's responses; a pair is a ranking of two. */
    public static RewardMetrics of(double[] scores, int[] ranks) {
        Rankings.check(scores, ranks);
        long comparisons = 0;
        long correct = 0;
        double margins = 0;
        double minimum = Double.POSITIVE_INFINITY;
        double maximum = Double.NEGATIVE_INFINITY;
        for (int better = 0; better < scores.length; better++) {
            minimum = Math.min(minimum, scores[better]);
            maximum = Math.max(maximum, scores[better]);
            for (int worse = 0; worse < scores.length; worse++) {
                if (ranks[better] < ranks[worse]) {
                    comparisons++;
                    correct += scores[better] > scores[worse] ? 1 : 0;
                    margins += scores[better] - scores[worse];
                }
            }
        }
        return new RewardMetrics(comparisons, correct, margins, RunningStatistics.of(scores), minimum, maximum);
    }

    /** With all that {@code other} has seen. */
    public RewardMetrics merge(RewardMetrics other) {
        return new RewardMetrics(
                comparisons + other.comparisons,
                correct + other.correct,
                marginSum + other.marginSum,
                scores.merge(other.scores),
                Math.min(minimum, other.minimum),
                Math.max(maximum, other.maximum));
    }

    /** The share of comparisons that are correct, in [0, 1]. */
    public double accuracy() {
        return (double) correct / comparisons;
    }

    /** The mean score difference of a comparison. */
    public double margin() {
        return marginSum / comparisons;
    }

    /** By TRL's names, in a fixed order; without comparisons there is no accuracy and no margin. */
    public Map<String, Double> named() {
        Map<String, Double> metrics = new LinkedHashMap<>();
        if (comparisons > 0) {
            metrics.put("accuracy", accuracy());
            metrics.put("margin", margin());
        }
        if (scores.count() > 0) {
            metrics.put("min_reward", minimum);
            metrics.put("mean_reward", scores.mean());
            metrics.put("max_reward", maximum);
        }
        return metrics;
    }
}
