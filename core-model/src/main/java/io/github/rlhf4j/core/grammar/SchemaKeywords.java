package io.github.rlhf4j.core.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.Suggestion;
import io.github.rlhf4j.core.UserError;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Which keywords of JSON Schema are understood, and how the keywords of two schemas that both hold become one schema. */
final class SchemaKeywords {
    /** That say nothing about what is valid. */
    private static final Set<String> ANNOTATIONS = Set.of(
            "title",
            "description",
            "default",
            "examples",
            "$schema",
            "$comment",
            "$defs",
            "definitions",
            "$anchor",
            "deprecated",
            "readOnly",
            "writeOnly",
            "strict");

    private static final Set<String> STRING = Set.of("minLength", "maxLength", "pattern", "format");
    private static final Set<String> NUMBER =
            Set.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf");
    private static final Set<String> ARRAY = Set.of("items", "prefixItems", "additionalItems", "minItems", "maxItems");
    private static final Set<String> OBJECT = Set.of("properties", "required", "additionalProperties");
    private static final Set<String> ANY = Set.of("type", "enum", "const", "anyOf", "oneOf", "allOf", "$ref");
    /** Of the standard, and of neither OpenAI's structured outputs nor this. */
    private static final Set<String> LEFT_OUT = Set.of(
            "not",
            "if",
            "then",
            "else",
            "patternProperties",
            "propertyNames",
            "minProperties",
            "maxProperties",
            "unevaluatedProperties",
            "unevaluatedItems",
            "dependentRequired",
            "dependentSchemas",
            "dependencies",
            "contains",
            "minContains",
            "maxContains",
            "uniqueItems",
            "contentEncoding",
            "contentMediaType",
            "contentSchema",
            "$dynamicRef",
            "$dynamicAnchor");

    private static final List<Set<String>> ALL = List.of(ANNOTATIONS, STRING, NUMBER, ARRAY, OBJECT, ANY);

    private SchemaKeywords() {}

    /** @throws UserError where a schema has a keyword that is not understood */
    static void check(JsonNode schema, String where) {
        for (Iterator<String> names = schema.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            boolean isRootId = name.equals("$id") && where.endsWith("#");
            if (ALL.stream().noneMatch(set -> set.contains(name)) && !name.startsWith("x-") && !isRootId) {
                Set<String> known = new TreeSet<>();
                ALL.forEach(known::addAll);
                throw new UserError(where + " has the keyword " + name + ", which is not supported"
                        + (LEFT_OUT.contains(name)
                                ? " (nor is it by OpenAI's structured outputs): leave it out"
                                : Suggestion.phrase(name, known)));
            }
        }
    }

    static boolean isAnnotation(String keyword) {
        return ANNOTATIONS.contains(keyword) || keyword.startsWith("x-") || keyword.equals("$id");
    }

    /** Keywords that say something of what is valid. */
    static List<String> assertions(JsonNode schema) {
        List<String> found = new ArrayList<>();
        schema.fieldNames().forEachRemaining(name -> {
            if (!isAnnotation(name)) {
                found.add(name);
            }
        });
        return found;
    }

    /** The types that keywords of a schema without a type speak of; empty where they speak of none. */
    static List<String> impliedTypes(JsonNode schema) {
        List<String> types = new ArrayList<>();
        List<String> keywords = assertions(schema);
        if (keywords.stream().anyMatch(OBJECT::contains)) {
            types.add("object");
        }
        if (keywords.stream().anyMatch(ARRAY::contains)) {
            types.add("array");
        }
        if (keywords.stream().anyMatch(STRING::contains)) {
            types.add("string");
        }
        if (keywords.stream().anyMatch(NUMBER::contains)) {
            types.add("number");
        }
        return types;
    }

    /**
     * A schema that holds where both do.
     *
     * @throws UserError where that is no simple schema
     */
    static ObjectNode both(JsonNode one, JsonNode other, String where) {
        ObjectNode merged = one.deepCopy();
        for (Map.Entry<String, JsonNode> entry : other.properties()) {
            String name = entry.getKey();
            JsonNode present = merged.get(name);
            if (present == null || isAnnotation(name)) {
                merged.set(name, entry.getValue());
            } else if (name.equals("type")) {
                merged.set(name, commonTypes(present, entry.getValue(), merged));
            } else if (!present.equals(entry.getValue())) {
                throw conflict(name, where);
            }
        }
        requireOneSide(one, other, Set.of("properties", "additionalProperties"), where);
        requireOneSide(one, other, Set.of("items", "prefixItems", "additionalItems"), where);
        return merged;
    }

    private static UserError conflict(String name, String where) {
        return new UserError(where + " has " + name
                + " in two schemas that must hold together, which is not supported: write them as one schema");
    }

    /** Keywords that work together must be in one of the two. */
    private static void requireOneSide(JsonNode one, JsonNode other, Set<String> group, String where) {
        boolean isInOne = group.stream().anyMatch(one::has);
        boolean isInOther = group.stream().anyMatch(other::has);
        boolean isSame = group.stream().allMatch(name -> one.path(name).equals(other.path(name)));
        if (isInOne && isInOther && !isSame) {
            throw conflict(String.join(" and ", new TreeSet<>(group)), where);
        }
    }

    private static JsonNode commonTypes(JsonNode one, JsonNode other, ObjectNode factory) {
        List<String> mine = types(one);
        var common = factory.arrayNode();
        for (String type : types(other)) {
            if (mine.contains(type) || type.equals("integer") && mine.contains("number")) {
                common.add(type);
            } else if (type.equals("number") && mine.contains("integer")) {
                common.add("integer");
            }
        }
        return common;
    }

    /** A type or a list of them. */
    static List<String> types(JsonNode type) {
        List<String> types = new ArrayList<>();
        if (type.isTextual()) {
            types.add(type.textValue());
        }
        type.forEach(each -> types.add(each.asText()));
        return types;
    }
}
