package io.github.rlhf4j.pipeline.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/** An evaluate stage's entry in summary.json: means of models and their paired differences. */
record EvaluationData(StageFiles stage) {
    private static final List<String> DECIDING = List.of("hidden_utility", "reward", "win_rate");

    List<String> models() {
        List<String> names = new ArrayList<>();
        stage.summary().path("models").fieldNames().forEachRemaining(names::add);
        return names;
    }

    String baseline() {
        return stage.summary().at("/baseline/model").asText(models().isEmpty() ? "" : models().get(0));
    }

    int mark(String model) {
        return models().indexOf(model);
    }

    /** All metrics with a mean, in the order of the file. */
    Set<String> metrics() {
        Set<String> metrics = new LinkedHashSet<>();
        stage.summary()
                .path("models")
                .forEach(model -> model.properties().forEach(entry -> {
                    if (entry.getValue().has("mean")) {
                        metrics.add(entry.getKey());
                    }
                }));
        return metrics;
    }

    /** The metric that says which answers are better: the hidden utility where there is one, else the judge's reward. */
    Optional<String> deciding() {
        return DECIDING.stream().filter(metrics()::contains).findFirst();
    }

    boolean hasTruth() {
        return metrics().contains("hidden_utility");
    }

    Optional<IntervalChart.Interval> mean(String model, String metric) {
        return interval(
                model, mark(model), stage.summary().path("models").path(model).path(metric));
    }

    OptionalDouble value(String model, String metric) {
        Optional<IntervalChart.Interval> mean = mean(model, metric);
        return mean.isPresent() ? OptionalDouble.of(mean.get().mean()) : OptionalDouble.empty();
    }

    Optional<IntervalChart.Interval> difference(String model, String other, String metric) {
        JsonNode value =
                stage.summary().path("differences").path(model + "-" + other).path(metric);
        return interval(model + " − " + other, mark(model), value);
    }

    /** The models that have a metric, the largest mean first. */
    List<String> ranked(String metric) {
        return models().stream()
                .filter(model -> value(model, metric).isPresent())
                .sorted(Comparator.comparingDouble(
                        (String model) -> -value(model, metric).orElse(0)))
                .toList();
    }

    static Optional<IntervalChart.Interval> interval(String name, int mark, JsonNode value) {
        if (!value.path("mean").isNumber()) {
            return Optional.empty();
        }
        OptionalDouble error =
                value.path("se").isNumber() ? OptionalDouble.of(value.path("se").asDouble()) : OptionalDouble.empty();
        return Optional.of(new IntervalChart.Interval(
                name,
                mark,
                value.path("mean").asDouble(),
                error,
                value.path("n").asLong()));
    }
}
