package io.github.rlhf4j.lab;

import io.github.rlhf4j.core.UserError;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One run of a page.
 *
 * @param values what was varied, with the seed: of cases that set several keys their names and further values
 */
record Plan(Map<String, Object> values) {
    private static final String NAME = "name";
    private static final String VALUES = "values";

    /** All runs of a mode: each case of the grid with each seed, seeds last. */
    static List<Plan> of(Page.Mode mode) {
        List<Plan> plans = List.of(new Plan(Map.of()));
        for (Map.Entry<String, List<Object>> axis : mode.grid().entrySet()) {
            List<Plan> more = new ArrayList<>();
            for (Plan plan : plans) {
                axis.getValue().forEach(value -> more.add(plan.with(shown(axis.getKey(), value))));
            }
            plans = more;
        }
        List<Plan> seeded = new ArrayList<>();
        for (Plan plan : plans) {
            for (int seed = 1; seed <= mode.seeds(); seed++) {
                seeded.add(plan.with(Map.of("seed", seed)));
            }
        }
        return seeded;
    }

    private Plan with(Map<String, Object> more) {
        Map<String, Object> newValues = new LinkedHashMap<>(values);
        newValues.putAll(more);
        return new Plan(newValues);
    }

    /** How a case is told apart: by its value; or by its name, and by its further values. */
    private static Map<String, Object> shown(String key, Object value) {
        if (!(value instanceof Map<?, ?> tied)) {
            return Map.of(key, value);
        }
        Object name = tied.get(NAME);
        if (name == null) {
            throw new UserError("page.yaml: each case of " + key + " needs a name");
        }
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put(key, name);
        if (tied.get(VALUES) instanceof Map<?, ?> more) {
            more.forEach((other, otherValue) -> shown.put(String.valueOf(other), otherValue));
        }
        return shown;
    }

    /** What a case of the grid sets in the run file: its key, or the keys that it ties together. */
    static Map<String, Object> keys(String key, Object value) {
        if (!(value instanceof Map<?, ?> tied)) {
            return Map.of(key, value);
        }
        Map<String, Object> keys = new LinkedHashMap<>();
        tied.forEach((tiedKey, tiedValue) -> {
            if (!NAME.equals(tiedKey) && !VALUES.equals(tiedKey)) {
                keys.put(String.valueOf(tiedKey), tiedValue);
            }
        });
        return keys;
    }

    /** As on a command line. */
    static String[] lines(Map<String, Object> values) {
        return values.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .toArray(String[]::new);
    }

    long seed() {
        return ((Number) values.getOrDefault("seed", 1)).longValue();
    }

    /** A folder's name. */
    String name() {
        StringBuilder name = new StringBuilder();
        values.forEach((key, value) -> name.append(name.isEmpty() ? "" : "_")
                .append(key.substring(key.lastIndexOf('.') + 1))
                .append('-')
                .append(Group.text(value)));
        return name.toString().replaceAll("[^A-Za-z0-9_.-]", "-");
    }
}
