package io.github.rlhf4j.lab.pages;

import io.github.rlhf4j.lab.Findings;
import io.github.rlhf4j.lab.Group;
import io.github.rlhf4j.lab.Measure;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** The page epochs: what repeated data are worth, by the form of Muennighoff et al. */
public final class Epochs implements Measure {
    private static final double BYTES = 16 * 64; // of a step
    private static final String LOSS = "model.eval_loss";

    @Override
    public void conclude(Findings findings) {
        again(findings);
        for (Group run : findings.groups()) {
            findings.add(
                    Map.of("documents", run.number("documents"), "steps", run.number("model.max_steps")),
                    Map.of("epochs", run.number("model.epoch"), "loss", run.number(LOSS)));
        }
        findings.add(Map.of("law", "measured here"), law(findings.groups()));
        findings.groupsBySeed()
                .forEach((seed, runs) ->
                        findings.add(Map.of("law", "measured here, seed by seed", "seed", seed), law(runs)));
    }

    /** The form that fits runs. A model that has overfitted is past what the form says: its best loss before counts. */
    private static Map<String, Double> law(List<Group> runs) {
        List<RepeatedData.Point> points = runs.stream()
                .map(run -> new RepeatedData.Point(
                        BYTES * run.number("model.max_steps") / run.number("model.epoch"),
                        run.number("model.epoch"),
                        run.number(LOSS)))
                .toList();
        List<RepeatedData.Point> falling = points.stream()
                .filter(point -> points.stream()
                        .noneMatch(other -> other.unique() < point.unique() * 1.1
                                && other.unique() > point.unique() / 1.1
                                && other.epochs() < point.epochs()
                                && other.loss() < point.loss()))
                .sorted(Comparator.comparingDouble(RepeatedData.Point::unique)
                        .thenComparingDouble(RepeatedData.Point::epochs))
                .toList();
        RepeatedData law = RepeatedData.fit(falling);
        return Map.of(
                "E", law.e(), "B", law.b(), "beta", law.beta(), "half_life", law.halfLife(), "overfitted_runs", (double)
                        (points.size() - falling.size()));
    }

    /** That the fit finds a known half-life again: 15.4 of Muennighoff et al., at this page's sizes. */
    private static void again(Findings findings) {
        RepeatedData law = new RepeatedData(0.5, 300, 0.6, 15.4);
        List<RepeatedData.Point> points = new ArrayList<>();
        for (double unique = 1e4; unique < 1e6; unique *= 4) {
            for (double epochs = 0.5; epochs < 200; epochs *= 2) {
                points.add(new RepeatedData.Point(unique, epochs, law.loss(unique, epochs)));
            }
        }
        findings.add(
                Map.of("law", "known, fitted again"),
                Map.of("half_life", RepeatedData.fit(points).halfLife()));
    }
}
