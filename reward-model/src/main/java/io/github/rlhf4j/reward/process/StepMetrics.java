package io.github.rlhf4j.reward.process;

import io.github.rlhf4j.core.math.ClusteredRatio;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is reported of scores on labelled steps; a step counts as right where its log-odds are above 0.
 *
 * <pre>
 *   f1             of wrong steps: 2 found / (wrong + called wrong)
 *   first_error_f1 ProcessBench's: the harmonic mean of two shares of answers, those with an error whose first one is found, and those without that are left alone
 * </pre>
 *
 * <p>Sources: TRL's compute_accuracy; Zheng et al. 2024, arXiv:2412.06559 (ProcessBench).
 */
final class StepMetrics {
    private final List<Double> right = new ArrayList<>(); // steps called as labelled, by answer
    private final List<Double> steps = new ArrayList<>();
    private long wrong;
    private long calledWrong;
    private long found;
    private long withError;
    private long located;
    private long withoutError;
    private long leftAlone;

    void add(double[] logOdds, boolean[] labels) {
        int agreed = 0;
        int first = labels.length; // of the label's errors
        int firstCalled = labels.length;
        for (int i = labels.length - 1; i >= 0; i--) {
            boolean isCalledRight = logOdds[i] > 0;
            agreed += isCalledRight == labels[i] ? 1 : 0;
            wrong += labels[i] ? 0 : 1;
            calledWrong += isCalledRight ? 0 : 1;
            found += !labels[i] && !isCalledRight ? 1 : 0;
            first = labels[i] ? first : i;
            firstCalled = isCalledRight ? firstCalled : i;
        }
        right.add((double) agreed);
        steps.add((double) labels.length);
        boolean isExact = first == firstCalled;
        if (first < labels.length) {
            withError++;
            located += isExact ? 1 : 0;
        } else {
            withoutError++;
            leftAlone += isExact ? 1 : 0;
        }
    }

    /** In a fixed order; what there is nothing to measure of is left out. */
    Map<String, Double> named() {
        Map<String, Double> metrics = new LinkedHashMap<>();
        ClusteredRatio accuracy = ClusteredRatio.of(
                right.stream().mapToDouble(Double::doubleValue).toArray(),
                steps.stream().mapToDouble(Double::doubleValue).toArray());
        metrics.put("accuracy", accuracy.value());
        accuracy.standardError().ifPresent(error -> metrics.put("accuracy_se", error));
        if (wrong + calledWrong > 0) {
            metrics.put("f1", 2.0 * found / (wrong + calledWrong));
        }
        if (withError > 0) {
            metrics.put("first_error_accuracy", (double) located / withError);
        }
        if (withoutError > 0) {
            metrics.put("no_error_accuracy", (double) leftAlone / withoutError);
        }
        if (withError > 0 && withoutError > 0) {
            harmonicMean(metrics);
        }
        return metrics;
    }

    private void harmonicMean(Map<String, Double> metrics) {
        double a = (double) located / withError;
        double b = (double) leftAlone / withoutError;
        if (a + b == 0) {
            metrics.put("first_error_f1", 0.0);
            return;
        }
        double sum = a + b;
        double byA = 2 * b * b / (sum * sum); // d f1 / da
        double byB = 2 * a * a / (sum * sum);
        double variance = byA * byA * a * (1 - a) / withError + byB * byB * b * (1 - b) / withoutError;
        metrics.put("first_error_f1", 2 * a * b / sum);
        metrics.put("first_error_f1_se", Math.sqrt(variance));
    }
}
