package io.github.rlhf4j.experiment;

import io.github.rlhf4j.core.Suggestion;
import io.github.rlhf4j.pipeline.config.ConfigValue;
import io.github.rlhf4j.pipeline.config.Problems;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The section {@code experiment} of a run file, read. Every mistake is a line of its own, with the key and the place. */
final class Section {
    static final List<String> KEYS = List.of("grid", "list", "each", "baseline", "metrics", "budget", "scatter");
    private static final List<String> NOT_VARIED =
            List.of("name", "output_dir", "report_to", "watts", "cluster", "stages", "experiment");

    private final Problems problems;
    private final Design design = new Design();
    private final List<String> metrics = new ArrayList<>();
    private final List<Scatter> scatters = new ArrayList<>();
    private Map<String, ConfigValue> baseline = Map.of();
    private Budget budget = Budget.NONE;

    private Section(Problems problems) {
        this.problems = problems;
    }

    /** No section: everything is given in Java. */
    static Section empty(Problems problems) {
        return new Section(problems);
    }

    /** Reads a section. */
    static Section read(ConfigValue value, Problems problems) {
        Section section = new Section(problems);
        if (value instanceof ConfigValue.Entries keys) {
            section.read(keys);
        } else {
            problems.add("experiment must be a map of keys, such as {grid: {seed: [1, 2, 3]}, metrics: [dpo.eval_loss]}"
                    + where(value));
        }
        return section;
    }

    Design design() {
        return design;
    }

    List<String> metrics() {
        return metrics;
    }

    List<Scatter> scatters() {
        return scatters;
    }

    Map<String, ConfigValue> baseline() {
        return baseline;
    }

    Budget budget() {
        return budget;
    }

    private void read(ConfigValue.Entries keys) {
        keys.entries().forEach((key, value) -> {
            switch (key) {
                case "grid" -> grid(value);
                case "list" -> list(value);
                case "each" -> each(value);
                case "baseline" -> baseline = setting("experiment.baseline", value);
                case "metrics" -> metrics(value);
                case "budget" -> budget = Budget.read(value, problems);
                case "scatter" -> scatters.addAll(Scatter.read(value, problems));
                default ->
                    problems.add("experiment." + key + " is not a known key" + where(value)
                            + Suggestion.phrase(key, KEYS) + " The keys are " + String.join(", ", KEYS));
            }
        });
        if (design.isEmpty() && problems.isEmpty()) {
            problems.add("experiment varies nothing: give it grid, list or each" + where(keys));
        }
    }

    private void grid(ConfigValue value) {
        map("experiment.grid", value).forEach((key, values) -> {
            List<ConfigValue> items = items("experiment.grid." + key, values);
            if (isVariable("experiment.grid", key, values) && !items.isEmpty()) {
                design.grid(key, items);
            }
        });
    }

    private void list(ConfigValue value) {
        List<Map<String, ConfigValue>> settings = new ArrayList<>();
        for (ConfigValue item : items("experiment.list", value)) {
            settings.add(setting("experiment.list[" + settings.size() + "]", item));
        }
        if (!settings.isEmpty()) {
            design.factor(settings);
        }
    }

    /** A map of lists of one length: the first values belong together, then the second ones. */
    private void each(ConfigValue value) {
        if (value instanceof ConfigValue.Items several) {
            several.items().forEach(this::each);
            return;
        }
        Map<String, List<ConfigValue>> columns = new LinkedHashMap<>();
        map("experiment.each", value).forEach((key, values) -> {
            if (isVariable("experiment.each", key, values)) {
                columns.put(key, items("experiment.each." + key, values));
            }
        });
        List<Integer> lengths =
                columns.values().stream().map(List::size).distinct().toList();
        if (lengths.size() > 1) {
            List<String> said = new ArrayList<>();
            columns.forEach((key, values) -> said.add(key + " has " + values.size()));
            problems.add("experiment.each ties keys together, so all must have as many values, but "
                    + String.join(", ", said) + where(value));
            return;
        }
        List<Map<String, ConfigValue>> settings = new ArrayList<>();
        for (int i = 0; !lengths.isEmpty() && i < lengths.get(0); i++) {
            Map<String, ConfigValue> setting = new LinkedHashMap<>();
            int row = i;
            columns.forEach((key, values) -> setting.put(key, values.get(row)));
            settings.add(setting);
        }
        if (!settings.isEmpty()) {
            design.factor(settings);
        }
    }

    private void metrics(ConfigValue value) {
        List<ConfigValue> items = value instanceof ConfigValue.Scalar scalar && !scalar.isNull()
                ? List.of(value)
                : items("experiment.metrics", value);
        for (ConfigValue item : items) {
            if (item instanceof ConfigValue.Scalar scalar && !scalar.isNull()) {
                metrics.add(scalar.text());
            } else {
                problems.add("experiment.metrics must be a list of names, but has " + item.toLine() + where(item));
            }
        }
    }

    private Map<String, ConfigValue> setting(String path, ConfigValue value) {
        Map<String, ConfigValue> keys = map(path, value);
        keys.forEach((key, given) -> isVariable(path, key, given));
        return keys;
    }

    private boolean isVariable(String path, String key, ConfigValue value) {
        if (NOT_VARIED.contains(key)) {
            problems.add(path + "." + key + " cannot be varied" + where(value)
                    + ": it must be the same for all runs of an experiment");
            return false;
        }
        return true;
    }

    private Map<String, ConfigValue> map(String path, ConfigValue value) {
        if (value instanceof ConfigValue.Entries map && !map.entries().isEmpty()) {
            return map.entries();
        }
        problems.add(path + " must be a map of keys such as dpo.beta, but is "
                + (value instanceof ConfigValue.Entries ? "empty" : value.toLine()) + where(value));
        return Map.of();
    }

    private List<ConfigValue> items(String path, ConfigValue value) {
        if (value instanceof ConfigValue.Items list && !list.items().isEmpty()) {
            return list.items();
        }
        problems.add(path + " must be a list with at least one value, but is "
                + (value instanceof ConfigValue.Items ? "empty" : value.toLine()) + where(value));
        return List.of();
    }

    static String where(ConfigValue value) {
        return " (" + value.origin() + ")";
    }
}
