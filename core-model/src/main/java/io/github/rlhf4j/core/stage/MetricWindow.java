package io.github.rlhf4j.core.stage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.train.StepResult;
import java.util.LinkedHashMap;
import java.util.Map;

/** Averages of a logging window: each step's values count once, as in TRL; gradient norm, learning rate and the number of outer steps are those of the last step. */
final class MetricWindow {
    private static final String NORM = "grad_norm";
    private static final String RATE = "learning_rate";
    private static final String OUTER_STEP = "outer_step";

    private final Map<String, double[]> sums = new LinkedHashMap<>();
    private double gradientNorm;
    private double learningRate;

    void add(StepResult step) {
        if (step.isTrained()) {
            add("loss", step.loss());
        }
        step.metrics().values().forEach(this::add);
        gradientNorm = step.gradientNorm();
        learningRate = step.learningRate();
    }

    private void add(String name, double value) {
        double[] sum = sums.computeIfAbsent(name, key -> new double[2]);
        if (name.equals(OUTER_STEP)) {
            sum[0] = 0;
            sum[1] = 0;
        }
        sum[0] += value;
        sum[1]++;
    }

    /** One line of metrics.jsonl; the window starts again. */
    Map<String, Object> line(long step, long tokens, double epoch) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("step", step);
        if (!Double.isNaN(learningRate) && !sums.isEmpty()) { // not where all steps were left out
            line.put("loss", average("loss"));
            line.put(NORM, gradientNorm);
            line.put(RATE, learningRate);
        }
        line.put("num_tokens", tokens);
        line.put("epoch", epoch);
        sums.keySet().forEach(name -> line.putIfAbsent(name, average(name)));
        sums.clear();
        return line;
    }

    /** Whether no step came after the last line. */
    boolean isEmpty() {
        return sums.isEmpty();
    }

    /** The averages so far of the window that is being filled; empty right after a line. */
    Map<String, Double> averages() {
        Map<String, Double> averages = new LinkedHashMap<>();
        sums.keySet().forEach(name -> averages.put(name, average(name)));
        return averages;
    }

    private double average(String name) {
        double[] sum = sums.getOrDefault(name, new double[] {Double.NaN, 1});
        return sum[0] / sum[1];
    }

    void save(ObjectNode state) {
        sums.forEach((name, sum) -> state.putArray(name).add(sum[0]).add(sum[1]));
        if (!Double.isNaN(learningRate)) {
            state.putArray(NORM).add(gradientNorm).add(1);
            state.putArray(RATE).add(learningRate).add(1);
        }
    }

    void restore(JsonNode state) {
        state.properties()
                .forEach(field -> sums.put(field.getKey(), new double[] {
                    field.getValue().get(0).asDouble(), field.getValue().get(1).asDouble()
                }));
        gradientNorm = last(NORM);
        learningRate = last(RATE);
    }

    private double last(String name) {
        double[] value = sums.remove(name);
        return value == null ? 0 : value[0];
    }
}
