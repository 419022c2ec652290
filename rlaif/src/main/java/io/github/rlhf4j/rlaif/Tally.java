package io.github.rlhf4j.rlaif;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.train.Stateful;
import io.github.rlhf4j.core.train.StepMetrics;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ObjDoubleConsumer;

/** Means over a whole stage, which go on after a resumption, beside those of a step. */
final class Tally implements Stateful {
    private final Map<String, double[]> sums = new LinkedHashMap<>(); // sum, count
    private StepMetrics step = new StepMetrics();

    /** Adds an observation to a mean. */
    void add(String name, double value) {
        double[] sum = sums.computeIfAbsent(name, key -> new double[2]);
        sum[0] += value;
        sum[1]++;
        step.mean(name, value, 1);
    }

    void add(String name, boolean value) {
        add(name, value ? 1 : 0);
    }

    /** The means since the last call. */
    StepMetrics step() {
        StepMetrics metrics = step;
        step = new StepMetrics();
        return metrics;
    }

    /** How often the observed was so, of a mean of shares. */
    long count(String name) {
        return Math.round(sums.getOrDefault(name, new double[2])[0]);
    }

    /** The means of all. */
    void summarize(ObjDoubleConsumer<String> summary) {
        sums.forEach((name, sum) -> summary.accept(name, sum[0] / sum[1]));
    }

    @Override
    public void save(ObjectNode state) {
        sums.forEach((name, sum) -> state.putArray(name).add(sum[0]).add(sum[1]));
    }

    @Override
    public void restore(ObjectNode state) {
        sums.clear();
        state.properties()
                .forEach(field -> sums.put(field.getKey(), new double[] {
                    field.getValue().path(0).asDouble(),
                    field.getValue().path(1).asDouble()
                }));
    }
}
