package io.github.rlhf4j.rlaif;

import io.github.rlhf4j.core.math.ClusteredRatio;
import io.github.rlhf4j.judge.Verdict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How far a judge agrees with labels on independent pairs.
 *
 * <pre>
 *   accuracy = share of pairs whose better response the judge prefers; one that it finds equal counts a half
 *   kappa    = (accuracy - e) / (1 - e),  e = f_j f_l + (1 - f_j)(1 - f_l)       (Cohen 1960)
 * </pre>
 *
 * <p>f is the share of pairs of which the first response is preferred, by judge and labels. Standard errors are those of a mean over pairs; that of kappa takes e for known.
 */
final class Agreement {
    private final List<Verdict> verdicts = new ArrayList<>();
    private final List<Boolean> firstIsBetter = new ArrayList<>();
    private int unanswered;

    /** Adds a pair. */
    void add(Verdict verdict, boolean isFirstBetter) {
        if (verdict.isGiven()) {
            verdicts.add(verdict);
            firstIsBetter.add(isFirstBetter);
        } else {
            unanswered++;
        }
    }

    /** Metrics by name, each absent where there are no pairs for it. */
    Map<String, Double> metrics() {
        Map<String, Double> metrics = new LinkedHashMap<>();
        if (verdicts.isEmpty()) {
            return metrics;
        }
        ClusteredRatio accuracy = mean(hits(Verdict::probability));
        metrics.put("accuracy", accuracy.value());
        accuracy.standardError().ifPresent(error -> metrics.put("accuracy_se", error));
        kappa(accuracy).forEach(metrics::put);
        put(metrics, "accuracy_better_shown_first", hits(Verdict::shownFirst));
        put(metrics, "accuracy_better_shown_second", hits(Verdict::shownSecond));
        put(metrics, "first_shown_preferred", firstShown());
        double[] consistent = verdicts.stream()
                .filter(Verdict::isOfBothOrders)
                .mapToDouble(verdict -> verdict.isConsistent() ? 1 : 0)
                .toArray();
        put(metrics, "consistency", consistent);
        metrics.put("no_verdict", (double) unanswered / (unanswered + verdicts.size()));
        metrics.put("pairs", (double) verdicts.size());
        return metrics;
    }

    private Map<String, Double> kappa(ClusteredRatio accuracy) {
        double judge = verdicts.stream()
                .mapToDouble(verdict -> side(verdict.probability()))
                .average()
                .orElse(0);
        double labels = firstIsBetter.stream()
                .mapToDouble(first -> first ? 1 : 0)
                .average()
                .orElse(0);
        double chance = judge * labels + (1 - judge) * (1 - labels);
        if (chance == 1) {
            return Map.of();
        }
        Map<String, Double> kappa = new LinkedHashMap<>();
        kappa.put("kappa", (accuracy.value() - chance) / (1 - chance));
        accuracy.standardError().ifPresent(error -> kappa.put("kappa_se", error / (1 - chance)));
        return kappa;
    }

    /** 1, 0 or a half for each pair, by what is said of the better response being the better one. */
    private double[] hits(ToDoubleFunction<Verdict> said) {
        return IntStream.range(0, verdicts.size())
                .mapToObj(i ->
                        firstIsBetter.get(i) ? verdicts.get(i) : verdicts.get(i).swapped())
                .mapToDouble(said)
                .filter(value -> !Double.isNaN(value))
                .map(Agreement::side)
                .toArray();
    }

    /** Of every time that a pair was shown: whether the first shown was preferred. */
    private double[] firstShown() {
        return verdicts.stream()
                .flatMap(verdict -> Stream.of(verdict.shownFirst(), 1 - verdict.shownSecond()))
                .filter(value -> !Double.isNaN(value))
                .mapToDouble(Agreement::side)
                .toArray();
    }

    private static double side(double probability) {
        return probability == 0.5 ? 0.5 : probability > 0.5 ? 1 : 0;
    }

    private static void put(Map<String, Double> metrics, String name, double[] values) {
        if (values.length > 0) {
            metrics.put(name, mean(values).value());
        }
    }

    private static ClusteredRatio mean(double[] values) {
        double[] ones = new double[values.length];
        Arrays.fill(ones, 1);
        return ClusteredRatio.of(values, ones);
    }

    /** One line for a person. */
    String line(String path) {
        Map<String, Double> metrics = metrics();
        if (metrics.isEmpty()) {
            return "the judge gave no verdict on the pairs of " + path;
        }
        return String.format(
                Locale.ROOT,
                "the judge agrees with %.3f%s of %d labelled pairs of %s, kappa %s; better response shown first: %s, second: %s",
                metrics.get("accuracy"),
                error(metrics, "accuracy_se"),
                verdicts.size(),
                path,
                text(metrics, "kappa") + error(metrics, "kappa_se"),
                text(metrics, "accuracy_better_shown_first"),
                text(metrics, "accuracy_better_shown_second"));
    }

    private static String error(Map<String, Double> metrics, String name) {
        return metrics.containsKey(name) ? " +- " + text(metrics, name) : "";
    }

    private static String text(Map<String, Double> metrics, String name) {
        Double value = metrics.get(name);
        return value == null ? "-" : String.format(Locale.ROOT, "%.3f", value);
    }
}
