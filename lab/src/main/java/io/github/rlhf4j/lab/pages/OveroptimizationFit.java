package io.github.rlhf4j.lab.pages;

import io.github.rlhf4j.lab.Findings;
import io.github.rlhf4j.lab.Observation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The forms of Gao et al. 2022 (Eq. 1 and 2) for the gain in gold at d, the root of the divergence, by least squares for each seed by itself, so that their numbers have intervals over seeds:
 *
 * <pre>  best of n   d (alpha - beta d)        RL   d (alpha - beta log d)</pre>
 *
 * <p>gamma is the area between the proxy's gain, in units of gold, and gold's from 0 to the largest d; gap its mean over d.
 */
final class OveroptimizationFit {
    private static final String BEST_OF_N = "best of n";

    private OveroptimizationFit() {}

    static void conclude(Findings findings) {
        Map<Map<String, Object>, List<Observation>> curves = new LinkedHashMap<>();
        findings.observations().stream()
                .filter(one -> one.metrics().containsKey("gold_gain"))
                .forEach(one -> {
                    Map<String, Object> curve = new LinkedHashMap<>(one.values());
                    curve.remove("n");
                    curve.remove("steps");
                    curves.computeIfAbsent(curve, key -> new ArrayList<>()).add(one);
                });
        curves.forEach((curve, points) -> {
            Map<String, Object> values = new LinkedHashMap<>(curve);
            values.remove("seed");
            List<Observation> ordered = points.stream()
                    .sorted(Comparator.comparingDouble(OveroptimizationFit::distance))
                    .toList();
            findings.add(values, fitted(BEST_OF_N.equals(values.get("method")), ordered));
        });
    }

    private static double distance(Observation point) {
        return point.number("root_kl");
    }

    private static Map<String, Double> fitted(boolean isBestOfN, List<Observation> points) {
        List<double[]> gains = points.stream()
                .map(point -> new double[] {distance(point), point.number("gold_gain")})
                .toList();
        double[] fit = BestOf.fit(gains, isBestOfN);
        double most = distance(points.get(points.size() - 1));
        double gamma = area(points.stream()
                .map(point ->
                        new double[] {distance(point), point.number("proxy_gain_as_gold") - point.number("gold_gain")})
                .toList());
        Map<String, Double> metrics = new LinkedHashMap<>();
        put(metrics, "alpha", fit[0]);
        put(metrics, "beta", fit[1]);
        put(metrics, "peak_root_kl", peak(fit, isBestOfN));
        put(metrics, "gamma", gamma);
        put(metrics, "gap", gamma / most);
        return metrics;
    }

    /** Only what there is: two points or fewer have no fit, and a rise without an end no peak. */
    private static void put(Map<String, Double> metrics, String name, double value) {
        if (Double.isFinite(value)) {
            metrics.put(name, value);
        }
    }

    private static double peak(double[] fit, boolean isBestOfN) {
        if (!(fit[0] > 0 && fit[1] > 0)) {
            return Double.NaN;
        }
        return isBestOfN ? fit[0] / (2 * fit[1]) : Math.exp(fit[0] / fit[1] - 1);
    }

    /**
     * By trapezoids from the start, where both gains are 0.
     *
     * @param gaps d, the proxy's gain less gold's; in the order of d
     */
    static double area(List<double[]> gaps) {
        double area = 0;
        double[] before = {0, 0};
        for (double[] gap : gaps) {
            area += (gap[0] - before[0]) * (gap[1] + before[1]) / 2;
            before = gap;
        }
        return area;
    }
}
