package io.github.rlhf4j.lab;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Something that was measured.
 *
 * @param values what was varied, the seed among it: numbers and texts by name
 * @param metrics what came out
 */
public record Observation(
        @JsonProperty("values") Map<String, Object> values,
        @JsonProperty("metrics") Map<String, Double> metrics) {
    public Observation {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
        metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
    }

    /** A value or a metric as a number; NaN where it is none. */
    public double number(String name) {
        Double metric = metrics.get(name);
        if (metric != null) {
            return metric;
        }
        return values.get(name) instanceof Number number ? number.doubleValue() : Double.NaN;
    }
}
