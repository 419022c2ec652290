package io.github.rlhf4j.core.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.UserError;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Whether no value is valid under two schemas at once, as far as that can be read off them: their types differ, their constants differ, or a property that both require does. The schemas of such a {@code oneOf} are those
 * of an {@code anyOf}.
 */
final class ExclusiveSchemas {
    private static final int DEPTH = 8; // of properties in properties

    private final UnaryOperator<JsonNode> resolved;

    /** @param resolved a schema, or what its {@code $ref} names */
    ExclusiveSchemas(UnaryOperator<JsonNode> resolved) {
        this.resolved = resolved;
    }

    /** @throws UserError where two of the schemas of a {@code oneOf} may hold at once */
    void require(JsonNode options, String where) {
        for (int i = 0; i < options.size(); i++) {
            for (int j = i + 1; j < options.size(); j++) {
                if (!areExclusive(options.get(i), options.get(j), DEPTH)) {
                    throw new UserError(
                            where + " has schemas " + i + " and " + j
                                    + " that one value may be valid under, which is not supported: give them other types, or a required property with another const or enum each, or write anyOf");
                }
            }
        }
    }

    private boolean areExclusive(JsonNode one, JsonNode other, int depth) {
        JsonNode a = resolved.apply(one);
        JsonNode b = resolved.apply(other);
        if (isNothing(a) || isNothing(b)) {
            return true;
        }
        return depth > 0
                && a.isObject()
                && b.isObject()
                && (haveOtherTypes(a, b) || haveOtherValues(a, b) || haveOtherProperties(a, b, depth));
    }

    private static boolean isNothing(JsonNode schema) {
        return schema.isBoolean() && !schema.booleanValue();
    }

    private static boolean haveOtherTypes(JsonNode a, JsonNode b) {
        List<String> ofA = widened(SchemaKeywords.types(a.path("type")));
        List<String> ofB = widened(SchemaKeywords.types(b.path("type")));
        return !ofA.isEmpty() && !ofB.isEmpty() && ofA.stream().noneMatch(ofB::contains);
    }

    /** Whole numbers are numbers. */
    private static List<String> widened(List<String> types) {
        return types.stream()
                .map(type -> type.equals("integer") ? "number" : type)
                .toList();
    }

    private static boolean haveOtherValues(JsonNode a, JsonNode b) {
        Optional<List<JsonNode>> ofA = values(a);
        Optional<List<JsonNode>> ofB = values(b);
        return ofA.isPresent()
                && ofB.isPresent()
                && ofA.get().stream().noneMatch(value -> ofB.get().stream().anyMatch(x -> areEqual(x, value)));
    }

    private static boolean areEqual(JsonNode a, JsonNode b) {
        return a.isNumber() && b.isNumber()
                ? a.decimalValue().compareTo(b.decimalValue()) == 0
                : a.isContainerNode() && b.isContainerNode() || a.equals(b); // containers may hold equal numbers
    }

    private static Optional<List<JsonNode>> values(JsonNode schema) {
        if (schema.has("const")) {
            return Optional.of(List.of(schema.get("const")));
        }
        if (!schema.path("enum").isArray()) {
            return Optional.empty();
        }
        List<JsonNode> values = new ArrayList<>();
        schema.get("enum").forEach(values::add);
        return Optional.of(values);
    }

    /** Both are schemas of objects alone, and a property that each must have tells them apart. */
    private boolean haveOtherProperties(JsonNode a, JsonNode b, int depth) {
        if (!isObject(a) || !isObject(b)) {
            return false;
        }
        for (JsonNode name : a.path("required")) {
            boolean isInBoth = contains(b.path("required"), name);
            JsonNode ofA = a.path("properties").path(name.asText());
            JsonNode ofB = b.path("properties").path(name.asText());
            if (isInBoth && areExclusive(ofA, ofB, depth - 1)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isObject(JsonNode schema) {
        return SchemaKeywords.types(schema.path("type")).equals(List.of("object"));
    }

    private static boolean contains(JsonNode list, JsonNode wanted) {
        for (JsonNode item : list) {
            if (item.equals(wanted)) {
                return true;
            }
        }
        return false;
    }
}
