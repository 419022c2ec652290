package io.github.rlhf4j.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A JSON schema (draft 2020-12) against which values are held. All of its assertions but unevaluatedItems, unevaluatedProperties and references to other documents, which are refused by name; format and content are annotations, as the draft has them by default.
 */
final class JsonSchema {
    private static final int DEEPEST = 500; // references within references
    private static final Set<String> ANNOTATIONS = Set.of(
            "title",
            "description",
            "default",
            "examples",
            "$schema",
            "$id",
            "$comment",
            "$defs",
            "definitions",
            "format",
            "deprecated",
            "readOnly",
            "writeOnly",
            "contentEncoding",
            "contentMediaType",
            "contentSchema",
            "$anchor");
    private static final Set<String> SCHEMAS =
            Set.of("items", "contains", "additionalProperties", "propertyNames", "not", "if", "then", "else");
    private static final Set<String> LISTS_OF_SCHEMAS = Set.of("allOf", "anyOf", "oneOf", "prefixItems");
    private static final Set<String> MAPS_OF_SCHEMAS =
            Set.of("properties", "patternProperties", "dependentSchemas", "$defs", "definitions");
    private static final Set<String> ASSERTIONS = Set.of(
            "type",
            "enum",
            "const",
            "multipleOf",
            "maximum",
            "exclusiveMaximum",
            "minimum",
            "exclusiveMinimum",
            "maxLength",
            "minLength",
            "pattern",
            "maxItems",
            "minItems",
            "uniqueItems",
            "minContains",
            "maxContains",
            "maxProperties",
            "minProperties",
            "required",
            "dependentRequired",
            "$ref");

    private final JsonNode root;
    private final Map<String, Pattern> patterns = new TreeMap<>();

    /** @throws IllegalArgumentException that says what is wrong with the schema */
    JsonSchema(JsonNode root) {
        this.root = root;
        check(root);
    }

    private void check(JsonNode schema) {
        if (schema.isBoolean()) {
            return;
        }
        require(schema.isObject(), "a schema must be an object, true or false, but one is " + schema);
        schema.properties().forEach(entry -> {
            String keyword = entry.getKey();
            JsonNode value = entry.getValue();
            if (SCHEMAS.contains(keyword)) {
                check(value);
            } else if (LISTS_OF_SCHEMAS.contains(keyword)) {
                require(value.isArray(), keyword + " must be a list of schemas");
                value.forEach(this::check);
            } else if (MAPS_OF_SCHEMAS.contains(keyword)) {
                require(value.isObject(), keyword + " must be a map of schemas");
                value.properties().forEach(named -> {
                    if (keyword.equals("patternProperties")) {
                        addPattern(named.getKey());
                    }
                    check(named.getValue());
                });
            } else if (keyword.equals("$ref")) {
                target(value.asText());
            } else if (keyword.equals("pattern")) {
                addPattern(value.asText());
            } else {
                require(
                        ANNOTATIONS.contains(keyword) || ASSERTIONS.contains(keyword) || keyword.startsWith("x-"),
                        "the keyword " + keyword + " is not known here");
            }
        });
    }

    private void addPattern(String expression) {
        patterns.computeIfAbsent(expression, Pattern::compile); // throws an IllegalArgumentException
    }

    private static void require(boolean isSound, String what) {
        if (!isSound) {
            throw new IllegalArgumentException(what);
        }
    }

    private JsonNode target(String reference) {
        require(
                reference.startsWith("#"),
                "$ref must be to a part of the schema itself, as #/$defs/name, but is " + reference);
        String pointer = reference.substring(1).replace("%25", "%").replace("%22", "\"");
        JsonNode target = root.at(pointer);
        require(!target.isMissingNode(), "$ref " + reference + " is not there");
        return target;
    }

    /** Whether a value is one of the schema's. */
    boolean isValid(JsonNode value) {
        return isValid(root, value, 0);
    }

    private boolean isValid(JsonNode schema, JsonNode value, int depth) {
        if (schema.isBoolean()) {
            return schema.booleanValue();
        }
        require(depth < DEEPEST, "its references go round in a circle");
        return fits(schema, value)
                && combines(schema, value, depth + 1)
                && (!value.isArray() || fitsArray(schema, value, depth + 1))
                && (!value.isObject() || fitsObject(schema, value, depth + 1));
    }

    private boolean fits(JsonNode schema, JsonNode value) {
        if (schema.has("type") && types(schema.get("type")).noneMatch(type -> isOfType(value, type))
                || schema.has("const") && !isEqual(schema.get("const"), value)
                || schema.has("enum") && elements(schema.get("enum")).noneMatch(one -> isEqual(one, value))) {
            return false;
        }
        if (value.isNumber()) {
            BigDecimal number = value.decimalValue();
            return (!schema.has("maximum") || number.compareTo(decimal(schema, "maximum")) <= 0)
                    && (!schema.has("exclusiveMaximum") || number.compareTo(decimal(schema, "exclusiveMaximum")) < 0)
                    && (!schema.has("minimum") || number.compareTo(decimal(schema, "minimum")) >= 0)
                    && (!schema.has("exclusiveMinimum") || number.compareTo(decimal(schema, "exclusiveMinimum")) > 0)
                    && (!schema.has("multipleOf")
                            || number.remainder(decimal(schema, "multipleOf")).signum() == 0);
        }
        if (value.isTextual()) {
            String text = value.textValue();
            int length = text.codePointCount(0, text.length());
            return isWithin(schema, "minLength", "maxLength", length)
                    && (!schema.has("pattern") || isFound(schema.get("pattern").asText(), text));
        }
        return true;
    }

    private boolean isFound(String expression, String text) {
        Pattern pattern = patterns.get(expression);
        return pattern != null && pattern.matcher(new BudgetedText(text)).find();
    }

    private boolean combines(JsonNode schema, JsonNode value, int depth) {
        if (schema.has("$ref") && !isValid(target(schema.get("$ref").asText()), value, depth)
                || elements(schema.path("allOf")).anyMatch(part -> !isValid(part, value, depth))
                || schema.has("anyOf") && elements(schema.get("anyOf")).noneMatch(part -> isValid(part, value, depth))
                || schema.has("oneOf")
                        && elements(schema.get("oneOf"))
                                        .filter(part -> isValid(part, value, depth))
                                        .count()
                                != 1
                || schema.has("not") && isValid(schema.get("not"), value, depth)) {
            return false;
        }
        if (!schema.has("if")) {
            return true;
        }
        String branch = isValid(schema.get("if"), value, depth) ? "then" : "else";
        return !schema.has(branch) || isValid(schema.get(branch), value, depth);
    }

    private boolean fitsArray(JsonNode schema, JsonNode value, int depth) {
        int prefix = schema.path("prefixItems").size();
        for (int i = 0; i < value.size(); i++) {
            JsonNode item = i < prefix ? schema.get("prefixItems").get(i) : schema.get("items");
            if (item != null && !isValid(item, value.get(i), depth)) {
                return false;
            }
        }
        if (schema.has("contains")) {
            long found = elements(value)
                    .filter(item -> isValid(schema.get("contains"), item, depth))
                    .count();
            if (found < schema.path("minContains").asLong(1)
                    || schema.has("maxContains")
                            && found > schema.get("maxContains").asLong()) {
                return false;
            }
        }
        return isWithin(schema, "minItems", "maxItems", value.size())
                && (!schema.path("uniqueItems").asBoolean() || isDistinct(value));
    }

    private static boolean isDistinct(JsonNode list) {
        for (int i = 0; i < list.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (isEqual(list.get(i), list.get(j))) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean fitsObject(JsonNode schema, JsonNode value, int depth) {
        if (!isWithin(schema, "minProperties", "maxProperties", value.size())
                || elements(schema.path("required")).anyMatch(name -> !value.has(name.asText()))) {
            return false;
        }
        for (Map.Entry<String, JsonNode> rule : schema.path("dependentRequired").properties()) {
            if (value.has(rule.getKey()) && elements(rule.getValue()).anyMatch(name -> !value.has(name.asText()))) {
                return false;
            }
        }
        for (Map.Entry<String, JsonNode> rule : schema.path("dependentSchemas").properties()) {
            if (value.has(rule.getKey()) && !isValid(rule.getValue(), value, depth)) {
                return false;
            }
        }
        for (Map.Entry<String, JsonNode> property : value.properties()) {
            if (!fitsProperty(schema, property.getKey(), property.getValue(), depth)) {
                return false;
            }
        }
        return true;
    }

    private boolean fitsProperty(JsonNode schema, String name, JsonNode value, int depth) {
        if (schema.has("propertyNames")
                && !isValid(
                        schema.get("propertyNames"),
                        com.fasterxml.jackson.databind.node.TextNode.valueOf(name),
                        depth)) {
            return false;
        }
        boolean isKnown = schema.path("properties").has(name);
        if (isKnown && !isValid(schema.get("properties").get(name), value, depth)) {
            return false;
        }
        for (Map.Entry<String, JsonNode> rule : schema.path("patternProperties").properties()) {
            if (isFound(rule.getKey(), name)) {
                isKnown = true;
                if (!isValid(rule.getValue(), value, depth)) {
                    return false;
                }
            }
        }
        return isKnown
                || !schema.has("additionalProperties")
                || isValid(schema.get("additionalProperties"), value, depth);
    }

    private static boolean isWithin(JsonNode schema, String least, String most, int size) {
        return (!schema.has(least) || size >= schema.get(least).asDouble())
                && (!schema.has(most) || size <= schema.get(most).asDouble());
    }

    private static BigDecimal decimal(JsonNode schema, String keyword) {
        return schema.get(keyword).decimalValue();
    }

    private static Stream<String> types(JsonNode type) {
        return type.isArray() ? elements(type).map(JsonNode::asText) : Stream.of(type.asText());
    }

    private static boolean isOfType(JsonNode value, String type) {
        return switch (type) {
            case "null" -> value.isNull();
            case "boolean" -> value.isBoolean();
            case "string" -> value.isTextual();
            case "number" -> value.isNumber();
            case "integer" ->
                value.isNumber()
                        && value.decimalValue().remainder(BigDecimal.ONE).signum() == 0;
            case "array" -> value.isArray();
            case "object" -> value.isObject();
            default -> false;
        };
    }

    /** 1 and 1.0 are one number. */
    private static boolean isEqual(JsonNode a, JsonNode b) {
        if (a.isNumber() && b.isNumber()) {
            return a.decimalValue().compareTo(b.decimalValue()) == 0;
        }
        if (a.isArray() && b.isArray() && a.size() == b.size()) {
            for (int i = 0; i < a.size(); i++) {
                if (!isEqual(a.get(i), b.get(i))) {
                    return false;
                }
            }
            return true;
        }
        if (a.isObject() && b.isObject() && a.size() == b.size()) {
            Set<String> names = new HashSet<>();
            a.fieldNames().forEachRemaining(names::add);
            return names.stream().allMatch(name -> b.has(name) && isEqual(a.get(name), b.get(name)));
        }
        return a.equals(b);
    }

    private static Stream<JsonNode> elements(JsonNode list) {
        Stream.Builder<JsonNode> elements = Stream.builder();
        list.forEach(elements::add);
        return elements.build();
    }
}
