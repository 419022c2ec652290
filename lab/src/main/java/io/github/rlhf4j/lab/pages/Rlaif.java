package io.github.rlhf4j.lab.pages;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.experiment.RunMetric;
import io.github.rlhf4j.lab.Findings;
import io.github.rlhf4j.lab.Measure;
import io.github.rlhf4j.lab.Observation;
import io.github.rlhf4j.lab.Subject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The page rlaif: reward models and policies after labels by people and by a judge; each judge against people, paired by seed, at equal numbers of labels and at equal cost. */
public final class Rlaif implements Measure {
    private static final String PEOPLE = "people";

    @Override
    public void measure(Subject subject) {
        Map<String, Double> labels = new LinkedHashMap<>();
        labels.put(
                "reward_accuracy",
                value(subject, "evaluate." + subject.settings().text("rankings") + ".accuracy"));
        if (PEOPLE.equals(subject.values().get("who"))) { // a judge without error was held against them
            labels.put("labels_right", value(subject, "judged.eval_accuracy"));
        }
        subject.add(Map.of(), labels);
        utility(subject, "sft");
        subject.settings().texts("methods").forEach(method -> utility(subject, method));
    }

    private static void utility(Subject subject, String method) {
        subject.add(
                Map.of("method", method), Map.of("utility", value(subject, "evaluate." + method + ".hidden_utility")));
    }

    private static double value(Subject subject, String metric) {
        return RunMetric.of(subject.run(), metric).orElseThrow(() -> new UserError("the run has no metric " + metric));
    }

    @Override
    public void conclude(Findings findings) {
        int few = findings.settings().count("few");
        int many = findings.settings().count("many");
        for (Observation own : findings.observations()) {
            Object who = own.values().get("who");
            if (!PEOPLE.equals(who)) {
                compare(findings, own, number(own), "equal number of labels");
                if (number(own) == many) {
                    compare(findings, own, few, "equal cost");
                }
            }
        }
    }

    private static int number(Observation observation) {
        return observation.values().get("number") instanceof Number number ? number.intValue() : 0;
    }

    /** The judge's result less that of people with so many labels and the same seed: an observation a seed, so that groups have intervals. */
    private static void compare(Findings findings, Observation judge, int number, String comparison) {
        Object method = judge.values().get("method");
        Optional<Observation> people = findings.observations().stream()
                .filter(other -> PEOPLE.equals(other.values().get("who"))
                        && number(other) == number
                        && Objects.equals(
                                other.values().get("seed"), judge.values().get("seed"))
                        && Objects.equals(other.values().get("method"), method)
                        && other.metrics().keySet().containsAll(judge.metrics().keySet()))
                .findFirst();
        people.ifPresent(other -> judge.metrics().forEach((metric, value) -> {
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("comparison", comparison);
            values.put("judge", Objects.requireNonNull(judge.values().get("who")));
            values.put("labels", number(judge));
            if (method != null) {
                values.put("method", method);
            }
            Double own = other.metrics().get(metric);
            if (own != null) {
                findings.add(values, Map.of(metric + "_above_people", value - own));
            }
        }));
    }
}
