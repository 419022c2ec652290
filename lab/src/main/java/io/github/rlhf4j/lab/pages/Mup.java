package io.github.rlhf4j.lab.pages;

import io.github.rlhf4j.LanguageModel;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.model.MaximalUpdate;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.datasets.TextRecord;
import io.github.rlhf4j.lab.Findings;
import io.github.rlhf4j.lab.Measure;
import io.github.rlhf4j.lab.Observation;
import io.github.rlhf4j.lab.Subject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The page mup: whether the best learning rate of a narrow model is that of a wide one. */
public final class Mup implements Measure {
    private static final String LOSS = "model.eval_loss";
    private static final String RATE = "model.learning_rate";
    private static final String PARAMETRIZATION = "parametrization";
    private static final String WIDTH = "width";
    private static final int STEPS = 4;

    /** Of the runs with one learning rate the coordinate check. */
    @Override
    public void measure(Subject subject) {
        double rate = ((Number) subject.values().getOrDefault(RATE, 0)).doubleValue();
        if (rate != subject.settings().number("checked_learning_rate")) {
            return;
        }
        try (LanguageModel model = subject.model("model")) {
            ModelConfig config = model.transformer().config();
            Optional<MaximalUpdate> parametrization = "mup"
                            .equals(subject.values().get(PARAMETRIZATION))
                    ? Optional.of(MaximalUpdate.of(config, subject.settings().count("base_width"), config.headDim()))
                    : Optional.empty();
            CounterRandom random = CounterRandom.of(subject.seed()).derive("coordinates");
            new CoordinateCheck(config, parametrization, rate, random)
                    .run(
                            batches(subject, model),
                            model.transformer().kernels(),
                            (step, place, size, change) -> subject.add(
                                    Map.of("step", step, "place", place), Map.of("size", size, "change", change)));
        }
    }

    private static List<List<TokenSequence>> batches(Subject subject, LanguageModel model) {
        int size = subject.settings().count("checked_texts");
        int longest = model.transformer().config().maxPositions();
        List<TokenSequence> texts = subject.rows("synthetic:pretrain", TextRecord.class).stream()
                .limit((long) STEPS * size)
                .map(row -> model.tokenizer().encode(row.text(), true, false))
                .map(ids -> TokenSequence.all(Arrays.copyOf(ids, Math.min(ids.length, longest))))
                .toList();
        List<List<TokenSequence>> batches = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
            batches.add(texts.subList(step * size, (step + 1) * size));
        }
        return batches;
    }

    /** The losses of one parametrisation and seed: by width, by learning rate. */
    private record Curves(String parametrization, Object seed, Map<Double, Map<Double, Double>> losses) {
        Map<Double, Double> of(double width) {
            return losses.getOrDefault(width, Map.of());
        }

        double loss(double width, double rate) {
            return of(width).getOrDefault(rate, Double.NaN);
        }

        double best(double width) {
            return of(width).values().stream().mapToDouble(loss -> loss).min().orElse(Double.NaN);
        }

        /** The grid's best rate. */
        double bestOnGrid(double width) {
            double best = best(width);
            return of(width).entrySet().stream()
                    .filter(entry -> entry.getValue() == best)
                    .mapToDouble(Map.Entry::getKey)
                    .findFirst()
                    .orElse(Double.NaN);
        }

        /** log2 of the best rate: the bottom of the parabola through the grid's best and its neighbours; at an end of the grid that end. */
        double logBest(double width) {
            List<Double> rates = new ArrayList<>(of(width).keySet());
            int best = rates.indexOf(bestOnGrid(width));
            if (isAtAnEnd(width)) {
                return log2(bestOnGrid(width));
            }
            List<double[]> points = rates.subList(best - 1, best + 2).stream()
                    .map(rate -> new double[] {log2(rate), loss(width, rate)})
                    .toList();
            return Parabola.through(points).bottom();
        }

        boolean isAtAnEnd(double width) {
            List<Double> rates = new ArrayList<>(of(width).keySet());
            int best = rates.indexOf(bestOnGrid(width));
            return best <= 0 || best == rates.size() - 1;
        }
    }

    private static double log2(double value) {
        return Math.log(value) / Math.log(2);
    }

    @Override
    public void conclude(Findings findings) {
        for (Curves curves : curves(findings.observations())) {
            List<double[]> bottoms = new ArrayList<>();
            List<Double> widths = new ArrayList<>(curves.losses().keySet());
            double narrow = widths.get(0);
            for (double width : widths) {
                double logBest = curves.logBest(width);
                bottoms.add(new double[] {log2(width), logBest});
                findings.add(
                        Map.of("best_of", curves.parametrization(), WIDTH, width, "seed", curves.seed()),
                        Map.of(
                                "best_learning_rate",
                                Math.pow(2, logBest),
                                "log2_best_learning_rate",
                                logBest,
                                "best_loss",
                                curves.best(width),
                                "loss_with_the_narrow_models_rate",
                                curves.loss(width, curves.bestOnGrid(narrow)),
                                "at_an_end_of_the_grid",
                                curves.isAtAnEnd(width) ? 1.0 : 0.0));
            }
            double wide = widths.get(widths.size() - 1);
            findings.add(
                    Map.of("transfer", curves.parametrization(), "seed", curves.seed()),
                    Map.of(
                            "exponent",
                            Line.through(bottoms).slope(),
                            "lost_by_transfer",
                            curves.loss(wide, curves.bestOnGrid(narrow)) - curves.best(wide)));
        }
    }

    private static List<Curves> curves(List<Observation> seen) {
        Map<String, Curves> all = new TreeMap<>();
        for (Observation one : seen) {
            if (one.metrics().containsKey(LOSS)) {
                String parametrization = String.valueOf(one.values().get(PARAMETRIZATION));
                Object seed = one.values().getOrDefault("seed", 1);
                all.computeIfAbsent(
                                parametrization + " " + seed, key -> new Curves(parametrization, seed, new TreeMap<>()))
                        .losses()
                        .computeIfAbsent(one.number(WIDTH), key -> new TreeMap<>())
                        .put(one.number(RATE), one.number(LOSS));
            }
        }
        return List.copyOf(all.values());
    }
}
