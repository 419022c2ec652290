package io.github.rlhf4j.core.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import io.github.rlhf4j.core.UserError;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The members of an object. Others than those of {@code properties} are written only where {@code additionalProperties} says so, or where there are no properties at all.
 *
 * @param listed in the schema's order
 * @param others what the others must be; empty where there are none
 */
record ObjectMembers(List<Member> listed, Optional<JsonNode> others) {
    /** One of {@code properties}. */
    record Member(String name, JsonNode schema, boolean isRequired) {}

    static ObjectMembers of(JsonNode schema, String where) {
        JsonNode additional = schema.path("additionalProperties");
        Set<String> required = required(schema, where);
        JsonNode properties = schema.path("properties");
        if (schema.has("properties") && !properties.isObject()) {
            throw new UserError(where + " has properties that are no object");
        }
        List<Member> listed = new ArrayList<>();
        for (Map.Entry<String, JsonNode> property : properties.properties()) {
            listed.add(new Member(property.getKey(), property.getValue(), required.remove(property.getKey())));
        }
        for (String name : required) {
            listed.add(new Member(name, additional.isMissingNode() ? BooleanNode.TRUE : additional, true));
        }
        boolean isOpen = additional.isMissingNode() ? listed.isEmpty() : !isFalse(additional);
        JsonNode others = additional.isMissingNode() ? BooleanNode.TRUE : additional;
        return new ObjectMembers(listed, isOpen ? Optional.of(others) : Optional.empty());
    }

    private static boolean isFalse(JsonNode schema) {
        return schema.isBoolean() && !schema.booleanValue();
    }

    private static Set<String> required(JsonNode schema, String where) {
        Set<String> names = new LinkedHashSet<>();
        if (schema.has("required") && !schema.path("required").isArray()) {
            throw new UserError(where + " has a required that is no list of names");
        }
        for (JsonNode name : schema.path("required")) {
            names.add(name.asText());
        }
        return names;
    }

    List<String> names() {
        return listed.stream().map(Member::name).toList();
    }
}
