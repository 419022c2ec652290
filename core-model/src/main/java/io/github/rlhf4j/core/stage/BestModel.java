package io.github.rlhf4j.core.stage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The best evaluation so far and how many followed it without an improvement, as transformers' Trainer and its EarlyStoppingCallback count. Numbers over fewer rows do not compare with those over all: of two evaluations that have left out
 * different numbers of rows, the one that has left out fewer is the better one.
 */
final class BestModel {
    private final BestModelConfig config;
    private double best;
    private long step;
    private int waited;
    private Map<String, Double> values = Map.of();

    BestModel(BestModelConfig config) {
        this.config = config;
        this.best = config.isGreaterBetter() ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }

    /**
     * Takes note of an evaluation.
     *
     * @param metrics without {@code eval_}
     * @return whether it is the best so far
     */
    boolean consider(long evaluated, Map<String, Double> metrics) {
        Double value = metrics.get(config.metric());
        if (value == null) {
            throw new UserError("metric_for_best_model must be a metric of the evaluation, but is " + config.metric()
                    + "; there are " + String.join(", ", metrics.keySet()));
        }
        double leftOut = leftOut(metrics);
        double leftOutOfBest = step == 0 ? leftOut : leftOut(values);
        boolean isFuller = leftOut < leftOutOfBest && Double.isFinite(value);
        boolean isBeyond = leftOut == leftOutOfBest && (config.isGreaterBetter() ? value > best : value < best);
        boolean isBetter = isFuller || isBeyond;
        boolean counts = step == 0
                || isFuller
                || isBeyond
                        && Math.abs(value - best)
                                > config.earlyStoppingThreshold().orElse(0);
        waited = counts ? 0 : waited + 1;
        if (isBetter) {
            best = value;
            step = evaluated;
            values = new LinkedHashMap<>(metrics);
        }
        return isBetter;
    }

    /** The rows that the evaluation set of the metric has left out. */
    private double leftOut(Map<String, Double> metrics) {
        return metrics.entrySet().stream()
                .filter(entry -> entry.getKey().endsWith(LeftOutRows.METRIC))
                .filter(entry -> config.metric()
                        .startsWith(entry.getKey().substring(0, entry.getKey().length() - LeftOutRows.METRIC.length())))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }

    /** Whether patience is at an end. */
    boolean stops() {
        return config.earlyStoppingPatience().isPresent()
                && waited >= config.earlyStoppingPatience().getAsInt();
    }

    /** The step of the best evaluation; 0 before there is one. */
    long step() {
        return step;
    }

    /** All metrics of the best evaluation, without {@code eval_}. */
    Map<String, Double> values() {
        return values;
    }

    /** Such as {@code eval_loss 1.234}. */
    String description() {
        return "eval_" + config.metric() + " " + ShownMetrics.text(best);
    }

    int waited() {
        return waited;
    }

    void save(ObjectNode state) {
        if (step > 0) {
            state.put("step", step);
            state.put("metric", best);
            ObjectNode all = state.putObject("values");
            values.forEach(all::put);
        }
        state.put("waited", waited);
    }

    void restore(JsonNode state) {
        waited = state.path("waited").asInt();
        if (state.path("step").asLong() > 0) {
            step = state.path("step").asLong();
            best = state.path("metric").asDouble();
            Map<String, Double> read = new LinkedHashMap<>();
            state.path("values")
                    .properties()
                    .forEach(entry -> read.put(entry.getKey(), entry.getValue().asDouble()));
            values = read;
        }
    }
}
