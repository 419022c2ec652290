package io.github.rlhf4j.pipeline.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A value of a run file, kept as the text it was written in, so that {@code no} stays a text where a text is wanted and {@code 1e-3} is a number where a number
 * is; with the place it came from.
 */
public sealed interface ConfigValue {
    /** Where it was given. */
    Origin origin();

    /** One line of flow YAML; equal values have equal lines, wherever they came from. */
    String toLine();

    /**
     * Reads a line as {@link #toLine} writes it, such as those of a stage's config.yaml.
     *
     * @throws io.github.rlhf4j.core.UserError where it is no YAML
     */
    static ConfigValue ofLine(String line) {
        return YamlReader.readArgument(line, line);
    }

    /** As JSON, read as YAML's core schema does: {@code 0.1} is a number, {@code "0.1"} a text. */
    default JsonNode json() {
        return ValueReader.json(this);
    }

    /**
     * A single value.
     *
     * @param text as written, without quotes
     * @param quoted whether quotes make it a text in any case
     */
    record Scalar(String text, boolean quoted, Origin origin) implements ConfigValue {
        /** Whether it stands for no value: empty, {@code null} or {@code ~}. */
        public boolean isNull() {
            return !quoted && (text.isEmpty() || text.equals("null") || text.equals("~"));
        }

        @Override
        public String toLine() {
            return isNull() ? "null" : quoted ? YamlText.quoted(text) : YamlText.plainOrQuoted(text);
        }
    }

    /** A list. */
    record Items(List<ConfigValue> items, Origin origin) implements ConfigValue {
        public Items {
            items = List.copyOf(items);
        }

        @Override
        public String toLine() {
            return items.stream().map(ConfigValue::toLine).collect(Collectors.joining(", ", "[", "]"));
        }
    }

    /** A map, in the order of the file. */
    record Entries(Map<String, ConfigValue> entries, Origin origin) implements ConfigValue {
        public Entries {
            entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
        }

        /** No entries. */
        static Entries empty(Origin origin) {
            return new Entries(Map.of(), origin);
        }

        /** This with {@code key} set, at its old position if it had one. */
        public Entries with(String key, ConfigValue value) {
            Map<String, ConfigValue> changed = new LinkedHashMap<>(entries);
            changed.put(key, value);
            return new Entries(changed, origin);
        }

        /** This without {@code key}. */
        public Entries without(String key) {
            Map<String, ConfigValue> changed = new LinkedHashMap<>(entries);
            changed.remove(key);
            return new Entries(changed, origin);
        }

        /** These values, with {@code upper}'s in their place where it has some; maps in both are overlaid in turn. */
        public Entries overlaidBy(Entries upper) {
            Map<String, ConfigValue> merged = new LinkedHashMap<>(entries);
            upper.entries.forEach((key, value) -> merged.merge(
                    key,
                    value,
                    (below, above) -> below instanceof Entries lower && above instanceof Entries higher
                            ? lower.overlaidBy(higher)
                            : above));
            return new Entries(merged, origin);
        }

        @Override
        public String toLine() {
            return entries.entrySet().stream()
                    .map(entry -> YamlText.plainOrQuoted(entry.getKey()) + ": "
                            + entry.getValue().toLine())
                    .collect(Collectors.joining(", ", "{", "}"));
        }
    }
}
