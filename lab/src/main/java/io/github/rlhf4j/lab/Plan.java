package io.github.rlhf4j.lab;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.Sha256;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One run of a page.
 *
 * @param values what was varied, with the seed: of cases that set several keys their names and further values
 * @param keys what is set in the run file for it, the seed among it
 */
record Plan(Map<String, Object> values, Map<String, Object> keys) {
    private static final String NAME = "name";
    private static final String VALUES = "values";
    private static final String SEED = "seed";

    Plan {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
        keys = Collections.unmodifiableMap(new LinkedHashMap<>(keys));
    }

    /** All runs of a mode: each case of the grid with each seed, seeds last. */
    static List<Plan> of(Page.Mode mode) {
        List<Plan> plans = List.of(new Plan(Map.of(), Map.of()));
        for (Map.Entry<String, List<Object>> axis : mode.grid().entrySet()) {
            List<Plan> more = new ArrayList<>();
            for (Plan plan : plans) {
                axis.getValue().forEach(value -> more.add(plan.with(of(axis.getKey(), value))));
            }
            plans = more;
        }
        List<Plan> seeded = new ArrayList<>();
        for (Plan plan : plans) {
            for (int seed = 1; seed <= mode.seeds(); seed++) {
                seeded.add(plan.with(new Plan(Map.of(SEED, seed), Map.of(SEED, seed))));
            }
        }
        return seeded;
    }

    /** A case of the grid: a key's value; or keys that are tied together, told apart by a name and further values. */
    private static Plan of(String key, Object value) {
        if (!(value instanceof Map<?, ?> tied)) {
            return new Plan(Map.of(key, value), Map.of(key, value));
        }
        Object name = tied.get(NAME);
        if (name == null) {
            throw new UserError("page.yaml: each case of " + key + " needs a name");
        }
        Map<String, Object> values = new LinkedHashMap<>();
        values.put(key, name);
        if (tied.get(VALUES) instanceof Map<?, ?> more) {
            more.forEach((other, otherValue) -> values.put(String.valueOf(other), otherValue));
        }
        Map<String, Object> keys = new LinkedHashMap<>();
        tied.forEach((tiedKey, tiedValue) -> {
            if (!NAME.equals(tiedKey) && !VALUES.equals(tiedKey)) {
                keys.put(String.valueOf(tiedKey), tiedValue);
            }
        });
        return new Plan(values, keys);
    }

    private Plan with(Plan more) {
        Map<String, Object> newValues = new LinkedHashMap<>(values);
        newValues.putAll(more.values);
        Map<String, Object> newKeys = new LinkedHashMap<>(keys);
        more.keys.forEach((key, value) -> {
            if (newKeys.put(key, value) != null) {
                throw new UserError("page.yaml: the grid varies " + key + " in two places; give its values in one");
            }
        });
        return new Plan(newValues, newKeys);
    }

    /** As on a command line. */
    static String[] lines(Map<String, Object> values) {
        return values.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .toArray(String[]::new);
    }

    long seed() {
        return ((Number) values.getOrDefault(SEED, 1)).longValue();
    }

    /** The name of the file with what was measured of it: another one where a case of this name sets other keys. */
    String file() {
        return name() + "-" + new Sha256().add(values + " " + keys).hex().substring(0, 8) + ".json";
    }

    /** For people. */
    String name() {
        StringBuilder name = new StringBuilder();
        values.forEach((key, value) -> name.append(name.isEmpty() ? "" : "_")
                .append(key.substring(key.lastIndexOf('.') + 1))
                .append('-')
                .append(Group.text(value)));
        return name.toString().replaceAll("[^A-Za-z0-9_.-]", "-");
    }
}
