package io.github.rlhf4j.pipeline.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a stage runs with: every key with its value and origin.
 *
 * @param entries {@code type} first, then the keys in the order of the config record
 */
public record EffectiveConfig(ConfigValue.Entries entries) {
    /** The first line of a stored one. */
    public static final String HEADER = "# Effective configuration; behind each value where it came from.";

    private static final int WIDTH = 110;

    /** Reads a stored one back; the origins are lost. */
    public static EffectiveConfig read(Path file) {
        return new EffectiveConfig(YamlReader.readFile(file));
    }

    /** The file's text: a key a line with its origin as a comment. */
    public String toYaml() {
        StringBuilder out = new StringBuilder(HEADER).append('\n');
        entries.entries()
                .forEach((key, value) -> out.append(key)
                        .append(": ")
                        .append(value.toLine())
                        .append("  # ")
                        .append(value.origin())
                        .append('\n'));
        return out.toString();
    }

    /** For the terminal: what was given, a key a line with its origin, then the defaults in a paragraph. */
    public List<String> table(String stage) {
        List<String> lines = new ArrayList<>();
        lines.add(stage + ":");
        int width = given().keySet().stream().mapToInt(String::length).max().orElse(0);
        int values = given().values().stream()
                .mapToInt(value -> value.toLine().length())
                .filter(length -> length <= 40)
                .max()
                .orElse(0);
        given().forEach((key, value) ->
                lines.add(("  %-" + Math.max(width, 1) + "s  %-" + Math.max(values, 1) + "s  (%s)")
                        .formatted(key, value.toLine(), value.origin())));
        StringBuilder defaults = new StringBuilder("  defaults:");
        for (Map.Entry<String, ConfigValue> entry : entries.entries().entrySet()) {
            if (entry.getValue().origin().equals(Origin.DEFAULT)) {
                String item = " " + entry.getKey() + "=" + entry.getValue().toLine();
                if (defaults.length() + item.length() > WIDTH) {
                    lines.add(defaults.toString());
                    defaults = new StringBuilder("   ");
                }
                defaults.append(item);
            }
        }
        if (!defaults.toString().isBlank() && !defaults.toString().equals("  defaults:")) {
            lines.add(defaults.toString());
        }
        return lines;
    }

    /** The keys in which this differs from {@code other}, each as "key: theirs -> ours". */
    public List<String> differencesFrom(EffectiveConfig other) {
        return changedKeys(other).stream()
                .map(key -> key + ": " + line(other.entries.entries().get(key)) + " -> "
                        + line(entries.entries().get(key)))
                .toList();
    }

    /** The keys whose values differ, those of this first. Quotes around what is a text anyway are no difference. */
    public List<String> changedKeys(EffectiveConfig other) {
        List<String> differences = new ArrayList<>();
        entries.entries().forEach((key, value) -> {
            if (!isSame(value, other.entries.entries().get(key))) {
                differences.add(key);
            }
        });
        other.entries.entries().forEach((key, value) -> {
            if (!entries.entries().containsKey(key)) {
                differences.add(key);
            }
        });
        return differences;
    }

    private static boolean isSame(ConfigValue value, @Nullable ConfigValue other) {
        return other != null
                && withoutQuotes(value).equals(withoutQuotes(other))
                && ValueReader.json(value)
                        .toString()
                        .equals(ValueReader.json(other).toString());
    }

    private static String withoutQuotes(ConfigValue value) {
        return value.toLine().replace("\"", "");
    }

    private static String line(@Nullable ConfigValue value) {
        return value == null ? "(none)" : value.toLine();
    }

    private Map<String, ConfigValue> given() {
        Map<String, ConfigValue> given = new LinkedHashMap<>();
        entries.entries().forEach((key, value) -> {
            if (!value.origin().equals(Origin.DEFAULT)) {
                given.put(key, value);
            }
        });
        return given;
    }
}
