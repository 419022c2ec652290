package io.github.rlhf4j.lab.pages;

import io.github.rlhf4j.lab.Findings;
import io.github.rlhf4j.lab.Measure;
import io.github.rlhf4j.lab.Observation;
import io.github.rlhf4j.lab.Subject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/** The page batch: steps and examples to a loss by batch size, and the noise scale of gradients, which should tell the critical batch size. */
public final class Batch implements Measure {
    private static final String BATCH = "batch";

    @Override
    public void measure(Subject subject) {
        List<Map<String, Double>> history = subject.run().stage("model").history();
        for (double target : subject.settings().numbers("targets")) {
            stepsTo(history, target)
                    .ifPresent(steps -> subject.add(
                            Map.of("target", target), Map.of("steps", steps, "examples", steps * batch(subject))));
        }
        windows(subject, history);
    }

    private static double batch(Subject subject) {
        return ((Number) subject.values().getOrDefault(BATCH, Double.NaN)).doubleValue();
    }

    /** Where the evaluations first reach a loss, along a line between two of them. */
    private static OptionalDouble stepsTo(List<Map<String, Double>> history, double target) {
        double step = Double.NaN;
        double loss = Double.NaN;
        for (Map<String, Double> line : history) {
            if (line.containsKey("eval_loss")) {
                double nextStep = line.getOrDefault("step", Double.NaN);
                double next = line.getOrDefault("eval_loss", Double.NaN);
                if (next <= target) {
                    return OptionalDouble.of(
                            Double.isNaN(loss) ? nextStep : step + (nextStep - step) * (loss - target) / (loss - next));
                }
                step = nextStep;
                loss = next;
            }
        }
        return OptionalDouble.empty();
    }

    /** The noise scale by thirds of an octave of the steps: the quotient of sums, since single measurements are noisy. */
    private static void windows(Subject subject, List<Map<String, Double>> history) {
        Map<Long, double[]> sums = new TreeMap<>(); // signal, noise, loss, lines
        for (Map<String, Double> line : history) {
            if (line.containsKey("gradient_noise")) {
                long window = Math.round(3 * Math.log(line.getOrDefault("step", 1.0)) / Math.log(2));
                double[] sum = sums.computeIfAbsent(window, key -> new double[4]);
                sum[0] += line.getOrDefault("gradient_signal", 0.0);
                sum[1] += line.getOrDefault("gradient_noise", 0.0);
                sum[2] += line.getOrDefault("loss", 0.0);
                sum[3]++;
            }
        }
        sums.forEach((window, sum) -> {
            if (sum[0] > 0 && sum[1] > 0) {
                subject.add(
                        Map.of("window", window),
                        Map.of("noise_scale", sum[1] / sum[0], "training_loss", sum[2] / sum[3]));
            }
        });
    }

    /** Of one seed and target: the fewest steps by batch size, over the learning rates. */
    private record Frontier(Object seed, double target, Map<Double, Double> steps) {
        BatchTradeOff law() {
            List<BatchTradeOff.Point> points = new ArrayList<>();
            steps.forEach((batch, fewest) -> points.add(new BatchTradeOff.Point(batch, fewest)));
            return BatchTradeOff.fit(points);
        }
    }

    @Override
    public void conclude(Findings findings) {
        again(findings);
        List<Observation> seen = findings.observations();
        for (Frontier frontier : frontiers(seen)) {
            frontier.steps()
                    .forEach((batch, steps) -> findings.add(
                            Map.of("frontier", frontier.target(), BATCH, batch, "seed", frontier.seed()),
                            Map.of("fewest_steps", steps, "fewest_examples", steps * batch)));
            if (frontier.steps().size() < 3) {
                continue;
            }
            BatchTradeOff law = frontier.law();
            Map<String, Double> found = new LinkedHashMap<>();
            found.put("critical_batch", law.critical());
            found.put("log2_critical_batch", Math.log(law.critical()) / Math.log(2));
            found.put("least_steps", law.leastSteps());
            found.put("least_examples", law.leastExamples());
            noiseNear(seen, frontier).ifPresent(scale -> {
                found.put("noise_scale_there", scale);
                found.put("critical_over_noise_scale", law.critical() / scale);
            });
            findings.add(Map.of("law", frontier.target(), "seed", frontier.seed()), found);
            for (double batch : frontier.steps().keySet()) {
                findings.add(
                        Map.of("frontier", "fit " + frontier.target(), BATCH, batch, "seed", frontier.seed()),
                        Map.of("fewest_steps", law.steps(batch), "fewest_examples", batch * law.steps(batch)));
            }
        }
    }

    /** That the fit finds a known critical batch size again. */
    private static void again(Findings findings) {
        BatchTradeOff law = new BatchTradeOff(120, 37);
        List<BatchTradeOff.Point> points = new ArrayList<>();
        for (double batch = 1; batch <= 512; batch *= 2) {
            points.add(new BatchTradeOff.Point(batch, law.steps(batch)));
        }
        findings.add(
                Map.of("law", "known, fitted again"),
                Map.of("critical_batch", BatchTradeOff.fit(points).critical()));
    }

    private static List<Frontier> frontiers(List<Observation> seen) {
        Map<String, Frontier> all = new TreeMap<>();
        for (Observation one : seen) {
            Double steps = one.metrics().get("steps");
            if (steps != null) {
                Object seed = one.values().getOrDefault("seed", 1);
                double target = one.number("target");
                all.computeIfAbsent(target + " " + seed, key -> new Frontier(seed, target, new TreeMap<>()))
                        .steps()
                        .merge(one.number(BATCH), steps, Math::min);
            }
        }
        return List.copyOf(all.values());
    }

    /** The mean over runs of this seed of the noise scale where the training loss was nearest to the target. */
    private static OptionalDouble noiseNear(List<Observation> seen, Frontier frontier) {
        Map<String, Observation> nearest = new TreeMap<>();
        for (Observation one : seen) {
            if (one.metrics().containsKey("noise_scale")
                    && frontier.seed().equals(one.values().get("seed"))) {
                Map<String, Object> run = new LinkedHashMap<>(one.values());
                run.remove("window");
                nearest.merge(
                        run.toString(),
                        one,
                        (a, b) -> distance(a, frontier.target()) <= distance(b, frontier.target()) ? a : b);
            }
        }
        return nearest.values().stream()
                .mapToDouble(one -> one.number("noise_scale"))
                .average();
    }

    private static double distance(Observation one, double target) {
        return Math.abs(one.metrics().getOrDefault("training_loss", Double.MAX_VALUE) - target);
    }
}
