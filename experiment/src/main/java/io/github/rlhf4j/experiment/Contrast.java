package io.github.rlhf4j.experiment;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.math3.distribution.TDistribution;

/**
 * A group against the baseline in one metric: the difference of the means with its 95 % interval.
 *
 * @param pairs seeds at which both have a run, where the difference is taken seed by seed; 0 where the two groups have no seeds in common and are compared as independent samples (Welch)
 * @param p of Student's t test that there is no difference
 * @param holm the same, corrected for all comparisons of the metric (Holm 1979)
 * @param effect Hedges' g: the difference in units of the standard deviation within the groups, corrected for few runs
 */
record Contrast(
        String metric,
        Values group,
        double difference,
        double low,
        double high,
        int pairs,
        double p,
        double holm,
        double effect) {
    private static final double CONFIDENCE = 0.95;

    /** All groups against the baseline, as far as there are two runs of both. */
    static List<Contrast> of(List<Group> groups, Group baseline, String metric) {
        List<Contrast> contrasts = new ArrayList<>();
        for (Group group : groups) {
            if (!group.values().equals(baseline.values())) {
                of(group, baseline, metric).ifPresent(contrasts::add);
            }
        }
        return holm(contrasts);
    }

    private static Optional<Contrast> of(Group group, Group baseline, String metric) {
        double[] mine = values(group, metric);
        double[] theirs = values(baseline, metric);
        double[] differences = ExperimentResults.paired(group, baseline).stream()
                .filter(pair -> has(pair, metric))
                .mapToDouble(
                        pair -> pair.getKey().metric(metric) - pair.getValue().metric(metric))
                .toArray();
        double effect = hedges(mine, theirs);
        if (differences.length >= 2) {
            Estimate mean = Estimate.of(differences);
            return Optional.of(tested(metric, group.values(), mean.mean(), mean.se(), mean.n() - 1, mean.n(), effect));
        }
        return mine.length >= 2 && theirs.length >= 2
                ? Optional.of(welch(metric, group.values(), mine, theirs, effect))
                : Optional.empty();
    }

    private static boolean has(Map.Entry<RunResult, RunResult> pair, String metric) {
        return pair.getKey().metrics().containsKey(metric)
                && pair.getValue().metrics().containsKey(metric);
    }

    private static double[] values(Group group, String metric) {
        return group.runs().stream()
                .filter(run -> run.metrics().containsKey(metric))
                .mapToDouble(run -> run.metric(metric))
                .toArray();
    }

    private static Contrast welch(String metric, Values group, double[] mine, double[] theirs, double effect) {
        Estimate a = Estimate.of(mine);
        Estimate b = Estimate.of(theirs);
        double variance = a.se() * a.se() + b.se() * b.se();
        double degrees = variance * variance / (Math.pow(a.se(), 4) / (a.n() - 1) + Math.pow(b.se(), 4) / (b.n() - 1));
        return tested(metric, group, a.mean() - b.mean(), Math.sqrt(variance), degrees, 0, effect);
    }

    private static Contrast tested(
            String metric, Values group, double difference, double error, double degrees, int pairs, double effect) {
        if (!(error > 0) || !(degrees > 0)) { // all runs of both are the same
            double p = difference == 0 ? 1 : Double.NaN;
            return new Contrast(metric, group, difference, difference, difference, pairs, p, p, effect);
        }
        double half = error * Estimate.quantile(degrees, CONFIDENCE);
        double t = Math.abs(difference / error);
        double p = 2 * new TDistribution(null, degrees).cumulativeProbability(-t);
        return new Contrast(metric, group, difference, difference - half, difference + half, pairs, p, p, effect);
    }

    /** Hedges 1981: (mean - mean) / pooled standard deviation x (1 - 3 / (4 degrees - 1)). */
    static double hedges(double[] mine, double[] theirs) {
        int degrees = mine.length + theirs.length - 2;
        if (mine.length < 2 || theirs.length < 2) {
            return Double.NaN;
        }
        double pooled = Math.sqrt((squares(mine) + squares(theirs)) / degrees);
        double difference = Estimate.of(mine).mean() - Estimate.of(theirs).mean();
        return difference == 0 ? 0 : difference / pooled * (1 - 3.0 / (4 * degrees - 1));
    }

    private static double squares(double[] values) {
        double mean = Estimate.of(values).mean();
        return Arrays.stream(values)
                .map(value -> (value - mean) * (value - mean))
                .sum();
    }

    /** Holm's step-down correction: the k-th smallest of m times m - k + 1, none smaller than the one before, at most 1. */
    static List<Contrast> holm(List<Contrast> contrasts) {
        List<Contrast> tested =
                contrasts.stream().filter(one -> !Double.isNaN(one.p())).toList();
        List<Contrast> sorted = tested.stream()
                .sorted(java.util.Comparator.comparingDouble(Contrast::p))
                .toList();
        List<Contrast> corrected = new ArrayList<>(contrasts);
        double before = 0;
        for (int k = 0; k < sorted.size(); k++) {
            Contrast one = sorted.get(k);
            before = Math.max(before, Math.min(1, one.p() * (sorted.size() - k)));
            corrected.set(contrasts.indexOf(one), one.withHolm(before));
        }
        return corrected;
    }

    private Contrast withHolm(double corrected) {
        return new Contrast(metric, group, difference, low, high, pairs, p, corrected, effect);
    }
}
