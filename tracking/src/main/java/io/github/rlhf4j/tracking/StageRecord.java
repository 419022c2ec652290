package io.github.rlhf4j.tracking;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A line of a stage's metrics.jsonl or samples.jsonl.
 *
 * @param kind which of the two
 * @param step the optimiser step
 * @param values by name, without the step: of metrics numbers; of samples what JSON has
 */
public record StageRecord(Kind kind, long step, Map<String, ?> values) {
    /** Which file. */
    public enum Kind {
        METRICS,
        SAMPLE
    }

    /** The values that are numbers. */
    public Map<String, Double> numbers() {
        Map<String, Double> numbers = new LinkedHashMap<>();
        values.forEach((name, value) -> {
            if (value instanceof Number number) {
                numbers.put(name, number.doubleValue());
            }
        });
        return numbers;
    }
}
