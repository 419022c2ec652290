package io.github.rlhf4j.lab.pages;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.lab.Findings;
import io.github.rlhf4j.lab.Group;
import io.github.rlhf4j.lab.Measure;
import io.github.rlhf4j.lab.Observation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The page scaling: IsoFLOP parabolas, the law L(N, D), and a run that it has not seen; first of all, that the fit finds published laws again. */
public final class Scaling implements Measure {
    private static final String LOSS = "model.eval_loss";
    private static final int RESAMPLES = 200;

    @Override
    public void conclude(Findings findings) {
        published(findings, "Chinchilla", ScalingLaw.CHINCHILLA);
        published(findings, "Besiroglu", ScalingLaw.BESIROGLU);
        List<Observation> seen = findings.observations().stream()
                .filter(one -> !"held out".equals(one.values().get("role")))
                .toList();
        isoFlops(findings, seen);
        List<ScalingLaw.Point> points = points(seen);
        ScalingLaw law = ScalingLaw.fit(points);
        List<Double> exponents = new ArrayList<>();
        CounterRandom random = CounterRandom.of(1).derive("bootstrap");
        for (int i = 0; i < RESAMPLES; i++) {
            CounterRandom own = random.derive(i);
            List<ScalingLaw.Point> drawn = new ArrayList<>();
            for (int j = 0; j < points.size(); j++) {
                drawn.add(points.get(own.below(j, points.size())));
            }
            exponents.add(law.refit(drawn).sizeExponent());
        }
        exponents.sort(null);
        Map<String, Double> found = coefficients(law);
        found.put("size_exponent_low", exponents.get(RESAMPLES / 40));
        found.put("size_exponent_high", exponents.get(RESAMPLES - 1 - RESAMPLES / 40));
        findings.add(Map.of("law", "measured here"), found);
        findings.groups().stream()
                .filter(group -> "held out".equals(group.values().get("role")))
                .forEach(group -> heldOut(findings, law, group));
    }

    /** The law again, from 50 points of it without noise in the range of the paper's runs. */
    private static void published(Findings findings, String name, ScalingLaw law) {
        List<ScalingLaw.Point> points = new ArrayList<>();
        for (double n = 7e7; n < 1.7e10; n *= 1.8) {
            for (double ratio = 2; ratio < 400; ratio *= 3) {
                points.add(new ScalingLaw.Point(n, ratio * n, law.loss(n, ratio * n)));
            }
        }
        ScalingLaw again = ScalingLaw.fit(points);
        Map<String, Double> found = coefficients(again);
        found.put("largest_error", largestError(again, law));
        findings.add(Map.of("law", name + ", fitted again"), found);
    }

    private static double largestError(ScalingLaw one, ScalingLaw other) {
        double[] a = {one.e(), one.a(), one.b(), one.alpha(), one.beta()};
        double[] b = {other.e(), other.a(), other.b(), other.alpha(), other.beta()};
        double largest = 0;
        for (int i = 0; i < a.length; i++) {
            largest = Math.max(largest, Math.abs(a[i] / b[i] - 1));
        }
        return largest;
    }

    private static Map<String, Double> coefficients(ScalingLaw law) {
        Map<String, Double> found = new LinkedHashMap<>();
        found.put("E", law.e());
        found.put("A", law.a());
        found.put("B", law.b());
        found.put("alpha", law.alpha());
        found.put("beta", law.beta());
        found.put("size_exponent", law.sizeExponent());
        return found;
    }

    private static List<ScalingLaw.Point> points(List<Observation> seen) {
        return seen.stream()
                .map(one -> new ScalingLaw.Point(one.number("parameters"), one.number("tokens"), one.number(LOSS)))
                .toList();
    }

    /** A parabola for each budget and seed; over their bottoms the exponent of the best size, with its standard error over seeds. */
    private static void isoFlops(Findings findings, List<Observation> seen) {
        Map<Double, Map<Double, List<double[]>>> curves = new TreeMap<>(); // by seed, by budget
        for (Observation one : seen) {
            curves.computeIfAbsent(one.number("seed"), key -> new TreeMap<>())
                    .computeIfAbsent(one.number("flops"), key -> new ArrayList<>())
                    .add(new double[] {Math.log10(one.number("parameters")), one.number(LOSS)});
        }
        curves.forEach((seed, budgets) -> {
            List<double[]> bottoms = new ArrayList<>();
            budgets.forEach((flops, points) -> {
                Parabola parabola = Parabola.through(points);
                double best = Math.pow(10, parabola.bottom());
                if (Double.isFinite(best)) {
                    bottoms.add(new double[] {Math.log10(flops), parabola.bottom()});
                    findings.add(
                            Map.of("best_of_flops", flops, "seed", seed),
                            Map.of(
                                    "best_parameters", best,
                                    "best_tokens", flops / 6 / best,
                                    "tokens_per_parameter", flops / 6 / best / best));
                }
            });
            if (bottoms.size() >= 2) {
                double slope = Line.through(bottoms).slope();
                findings.add(
                        Map.of("isoflop", "exponents", "seed", seed),
                        Map.of("N_exponent", slope, "D_exponent", 1 - slope));
            }
        });
    }

    private static void heldOut(Findings findings, ScalingLaw law, Group group) {
        double predicted = law.loss(group.number("parameters"), group.number("tokens"));
        double measured = group.number(LOSS);
        findings.add(
                Map.of("prediction", "held-out budget"),
                Map.of(
                        "predicted_loss",
                        predicted,
                        "measured_loss",
                        measured,
                        "relative_error",
                        predicted / measured - 1));
    }
}
