package io.github.rlhf4j.pipeline.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The bricks of a JSON schema. */
final class Schemas {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private Schemas() {}

    static ObjectNode any() {
        return NODES.objectNode();
    }

    static ObjectNode ofType(String name) {
        return any().put("type", name);
    }

    static ObjectNode reference(String definition) {
        return any().put("$ref", "#/$defs/" + definition);
    }

    static ObjectNode oneOf(List<String> texts) {
        ObjectNode choice = any();
        ArrayNode names = choice.putArray("enum");
        texts.forEach(names::add);
        texts.stream()
                .filter(text -> text.equals("true") || text.equals("false"))
                .forEach(text -> names.add(text.equals("true"))); // as YAML reads it
        return choice;
    }

    /** A text; in YAML a number or a truth value serves as one. */
    static ObjectNode scalar() {
        ObjectNode scalar = any();
        scalar.putArray("type").add("string").add("number").add("boolean");
        return scalar;
    }

    static ObjectNode listOf(JsonNode element) {
        ObjectNode list = ofType("array");
        list.set("items", element);
        return list;
    }

    static ObjectNode mapOf(JsonNode element) {
        ObjectNode map = ofType("object");
        map.set("additionalProperties", element);
        return map;
    }

    static ObjectNode anyOf(ObjectNode... choices) {
        ObjectNode any = any();
        ArrayNode list = any.putArray("anyOf");
        Arrays.stream(choices).forEach(list::add);
        return any;
    }

    /** This, or no value. */
    static ObjectNode orNull(ObjectNode inner) {
        JsonNode type = inner.path("type");
        if (type.isTextual()) {
            inner.putArray("type").add(type.asText()).add("null");
            return inner;
        }
        if (inner.has("enum")) {
            inner.withArray("enum").addNull();
            return inner;
        }
        if (inner.has("anyOf")) {
            inner.withArray("anyOf").add(ofType("null"));
            return inner;
        }
        return anyOf(inner, ofType("null"));
    }

    /** Gives each key its meaning, as a description; an empty one where nobody has said. */
    static void describe(ObjectNode properties, Map<String, String> meanings) {
        properties
                .properties()
                .forEach(property -> ((ObjectNode) property.getValue())
                        .put("description", meanings.getOrDefault(property.getKey(), "")));
    }

    /** A map with these keys alone. */
    static ObjectNode closed(ObjectNode properties, List<String> required) {
        ObjectNode map = ofType("object");
        map.set("properties", properties);
        map.put("additionalProperties", false);
        if (!required.isEmpty()) {
            ArrayNode names = map.putArray("required");
            required.forEach(names::add);
        }
        return map;
    }
}
