package io.github.rlhf4j.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.pipeline.config.ConfigValue;
import io.github.rlhf4j.pipeline.config.JavaValue;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which runs an experiment has: the product of its factors. A factor is a list of settings; a setting gives some keys a value.
 */
final class Design {
    private final List<List<Map<String, ConfigValue>>> factors = new ArrayList<>();

    /** Values of one key. */
    void grid(String key, List<ConfigValue> values) {
        factor(values.stream().map(value -> Map.of(key, value)).toList());
    }

    /** Settings, one of which each run has. */
    void factor(List<Map<String, ConfigValue>> settings) {
        factors.add(settings);
    }

    boolean isEmpty() {
        return factors.isEmpty();
    }

    /** How many runs there are; so many as fit into a long where there are too many. */
    long size() {
        long size = 1;
        for (List<Map<String, ConfigValue>> factor : factors) {
            size = Math.min(Integer.MAX_VALUE, size * factor.size());
        }
        return size;
    }

    /**
     * The runs: the last factor changes first.
     *
     * @throws UserError when two would be the same, or two factors give the same key
     */
    List<Map<String, ConfigValue>> runs() {
        List<Map<String, ConfigValue>> runs = List.of(Map.of());
        for (List<Map<String, ConfigValue>> factor : factors) {
            List<Map<String, ConfigValue>> longer = new ArrayList<>();
            for (Map<String, ConfigValue> run : runs) {
                for (Map<String, ConfigValue> setting : factor) {
                    longer.add(merged(run, setting));
                }
            }
            runs = longer;
        }
        Set<Values> seen = new HashSet<>();
        for (Map<String, ConfigValue> run : runs) {
            Values values = values(run);
            if (!seen.add(values)) {
                throw new UserError("experiment has the run " + values.label() + " twice; give each setting once");
            }
        }
        return runs;
    }

    private static Map<String, ConfigValue> merged(Map<String, ConfigValue> run, Map<String, ConfigValue> setting) {
        Map<String, ConfigValue> merged = new LinkedHashMap<>(run);
        setting.forEach((key, value) -> {
            if (merged.put(key, value) != null) {
                throw new UserError(
                        "experiment varies " + key + " in two places; give its values in one of grid, list and each");
            }
        });
        return merged;
    }

    static Values values(Map<String, ConfigValue> setting) {
        Map<String, JsonNode> values = new LinkedHashMap<>();
        setting.forEach((key, value) -> values.put(key, value.json()));
        return new Values(values);
    }

    /** Of keys and values in turn. */
    static Values values(Object... keysAndValues) {
        Map<String, ConfigValue> setting = new LinkedHashMap<>();
        for (int i = 0; i + 1 < keysAndValues.length; i += 2) {
            setting.put(String.valueOf(keysAndValues[i]), JavaValue.of(keysAndValues[i + 1]));
        }
        return values(setting);
    }
}
