package io.github.rlhf4j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Says in words what the schema of run files says of a value. */
final class SchemaWords {
    private final JsonNode schema;

    SchemaWords(JsonNode schema) {
        this.schema = schema;
    }

    /** Such as {@code a number > 0}, {@code one of a, b}, {@code a list of texts}. */
    String of(JsonNode value) {
        if (value.has("$ref")) {
            return switch (value.get("$ref").asText()) {
                case "#/$defs/model" -> "a model: a folder, an earlier stage or {base, adapter}";
                case "#/$defs/dataset" -> "a dataset: a path, a list of paths or a map";
                case "#/$defs/datasets" -> "a dataset, or a map from names to datasets";
                default -> "a map";
            };
        }
        if (value.has("enum")) {
            return "one of " + String.join(", ", texts(value.get("enum")));
        }
        if (value.has("anyOf")) {
            return anyOf(value.get("anyOf"));
        }
        return ofType(value);
    }

    private String anyOf(JsonNode choices) {
        Set<String> words = new LinkedHashSet<>();
        choices.forEach(choice -> words.add(of(choice)));
        words.remove("");
        for (JsonNode choice : choices) {
            String element = of(choice.path("items"));
            if (choice.path("type").asText().equals("array") && words.contains(element)) {
                words.remove(of(choice));
                words.add("a list of such");
            }
        }
        return String.join("; or ", words);
    }

    private String ofType(JsonNode value) {
        List<String> types = value.path("type").isArray()
                ? texts(value.get("type"))
                : List.of(value.path("type").asText(""));
        if (types.contains("string")) {
            return "a text";
        }
        String type = types.get(0);
        return switch (type) {
            case "number" -> ("a number " + range(value)).strip();
            case "integer" -> ("a whole number " + range(value)).strip();
            case "boolean" -> "true or false";
            case "array" -> "a list: " + of(value.path("items"));
            case "object" ->
                value.has("properties") ? "a map of " + String.join(", ", names(value.get("properties"))) : "a map";
            case "" -> "any value";
            default -> "";
        };
    }

    private static String range(JsonNode value) {
        List<String> bounds = new ArrayList<>();
        bound(value, "minimum", ">= ").ifPresent(bounds::add);
        bound(value, "exclusiveMinimum", "> ").ifPresent(bounds::add);
        bound(value, "maximum", "<= ").ifPresent(bounds::add);
        bound(value, "exclusiveMaximum", "< ").ifPresent(bounds::add);
        return String.join(" and ", bounds);
    }

    private static Optional<String> bound(JsonNode value, String keyword, String sign) {
        return value.has(keyword) ? Optional.of(sign + value.get(keyword).asText()) : Optional.empty();
    }

    /** The keys below a value, where it may be a map or a list of maps; a key of several such is that of the first. */
    Optional<JsonNode> below(JsonNode value, String key) {
        return maps(value)
                .map(map -> map.path("properties").path(key))
                .filter(found -> !found.isMissingNode())
                .findFirst();
    }

    /** The names of the keys below a value. */
    List<String> keysBelow(JsonNode value) {
        return maps(value)
                .flatMap(map -> names(map.path("properties")).stream())
                .distinct()
                .toList();
    }

    private Stream<JsonNode> maps(JsonNode value) {
        if (value.has("$ref")) {
            return maps(schema.at(value.get("$ref").asText().substring(1)));
        }
        if (value.has("anyOf")) {
            return StreamSupport.stream(value.get("anyOf").spliterator(), false).flatMap(this::maps);
        }
        return value.has("items") ? maps(value.get("items")) : value.has("properties") ? Stream.of(value) : Stream.of();
    }

    static List<String> names(JsonNode map) {
        List<String> names = new ArrayList<>();
        map.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(item -> {
            if (!item.isNull() && !item.asText().equals("null") && !texts.contains(item.asText())) {
                texts.add(item.asText());
            }
        });
        return texts;
    }
}
