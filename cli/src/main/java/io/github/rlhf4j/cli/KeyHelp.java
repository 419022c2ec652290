package io.github.rlhf4j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.Suggestion;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.pipeline.config.KeyMeanings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** {@code help KEY}: what a key of run files takes, what it means and which stages have it, by the schema of run files. */
final class KeyHelp {
    private static final String STAGE = "stage-";
    private static final int WIDTH = 106;

    private final JsonNode schema;
    private final SchemaWords words;
    private final Map<String, JsonNode> stages = new LinkedHashMap<>(); // keys by type

    KeyHelp(JsonNode schema) {
        this.schema = schema;
        this.words = new SchemaWords(schema);
        schema.path("$defs").properties().stream()
                .filter(entry -> entry.getKey().startsWith(STAGE))
                .forEach(entry -> stages.put(
                        entry.getKey().substring(STAGE.length()),
                        entry.getValue().path("properties")));
    }

    private JsonNode keys(String type) {
        return Objects.requireNonNull(stages.get(type));
    }

    /** Every name of a key, without what is before a dot. */
    Set<String> names() {
        Set<String> names = new LinkedHashSet<>(SchemaWords.names(schema.path("properties")));
        stages.values().forEach(keys -> names.addAll(SchemaWords.names(keys)));
        return names;
    }

    /**
     * What is known of a key.
     *
     * @param name {@code key}, {@code type.key}, or one with further dots for keys of a map
     * @return empty where there is no such key
     * @throws UserError where a stage, or the map of a key, has no such key
     */
    Optional<List<String>> lines(String name) {
        List<String> path = List.of(name.split("\\.", -1));
        if (stages.containsKey(path.get(0)) && path.size() > 1) {
            return Optional.of(lines(name, List.of(path.get(0)), path.subList(1, path.size())));
        }
        List<String> lines = new ArrayList<>();
        if (schema.path("properties").has(path.get(0))) {
            JsonNode key = find(schema.path("properties"), path, name);
            lines.add(name + " is a key of the run");
            lines.addAll(entry("the run", key, place(path, "docs/config.md#the-runs-own-keys")));
        }
        List<String> having = having(path);
        if (!having.isEmpty()) {
            if (!lines.isEmpty()) {
                lines.add("");
            }
            lines.addAll(lines(name, having, path));
        }
        if (lines.isEmpty() && path.size() == 1) {
            lines.addAll(linesWithin(name));
        }
        return lines.isEmpty() ? Optional.empty() : Optional.of(lines);
    }

    /** Of a key that only maps have, such as target_modules of adapter: each with its map. */
    private List<String> linesWithin(String name) {
        Set<String> maps = new LinkedHashSet<>();
        stages.values()
                .forEach(keys -> keys.properties().stream()
                        .filter(entry -> words.below(entry.getValue(), name).isPresent())
                        .forEach(entry -> maps.add(entry.getKey())));
        List<String> lines = new ArrayList<>();
        for (String map : maps) {
            List<String> types = stages.keySet().stream()
                    .filter(type -> words.below(keys(type).path(map), name).isPresent())
                    .toList();
            if (!lines.isEmpty()) {
                lines.add("");
            }
            lines.addAll(lines(map + "." + name, types, List.of(map, name)));
        }
        return lines;
    }

    /** An entry for each group of stages in which the key is the same. */
    private List<String> lines(String name, List<String> types, List<String> path) {
        Map<List<String>, List<String>> groups = new LinkedHashMap<>(); // what is said to types
        for (String type : types) {
            JsonNode key = find(keys(type), path, type);
            groups.computeIfAbsent(List.of(what(key), key.path("description").asText("")), same -> new ArrayList<>())
                    .add(type);
        }
        List<String> lines = new ArrayList<>();
        lines.add(name + " is a key of stages of type " + String.join(", ", having(path)));
        groups.values().forEach(alike -> {
            String first = alike.get(0);
            String place = place(path, KeyMeanings.place(first, path.get(0)).orElse(""));
            lines.addAll(entry(String.join(", ", alike), find(keys(first), path, first), place));
        });
        return lines;
    }

    private static String place(List<String> path, String ofFirst) {
        return path.size() == 1
                ? ofFirst
                : KeyMeanings.placeOfNested(path.get(path.size() - 2)).orElse(ofFirst);
    }

    /** The types of stages that have the key, or the map that it is in. */
    private List<String> having(List<String> path) {
        return stages.keySet().stream()
                .filter(type -> keys(type).has(path.get(0)))
                .toList();
    }

    private List<String> entry(String owner, JsonNode key, String place) {
        List<String> lines = new ArrayList<>();
        lines.add("");
        lines.add(owner + ":");
        HelpCommand.wrapped(what(key), WIDTH).forEach(line -> lines.add("  " + line));
        String meaning = key.path("description").asText("");
        if (!meaning.isEmpty()) {
            HelpCommand.wrapped(meaning, WIDTH).forEach(line -> lines.add("  " + line));
        }
        if (!place.isEmpty()) {
            lines.add("  " + place);
        }
        return lines;
    }

    private String what(JsonNode key) {
        return words.of(key) + (key.has("default") ? "; default " + text(key.get("default")) : "");
    }

    private static String text(JsonNode value) {
        return value.isTextual() ? value.asText() : value.toString();
    }

    private JsonNode find(JsonNode keys, List<String> path, String owner) {
        String first = path.get(0);
        if (!keys.has(first)) {
            throw unknown(owner, first, SchemaWords.names(keys));
        }
        JsonNode found = keys.get(first);
        String at = first;
        for (String step : path.subList(1, path.size())) {
            JsonNode above = found;
            String where = at;
            found = words.below(found, step).orElseThrow(() -> unknown(where, step, words.keysBelow(above)));
            at = at + "." + step;
        }
        return found;
    }

    private static UserError unknown(String owner, String key, List<String> known) {
        String near = Suggestion.phrase(key, known);
        return new UserError(owner + " has no key " + key
                + (near.isEmpty() && !known.isEmpty() ? "; its keys are " + String.join(", ", known) : near));
    }
}
