package io.github.rlhf4j.ranking;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A JSON object of a file that may have been damaged or written by hand. Each key is read as what it must be; where it is something else, a {@link UserError} names the file, the line and the key.
 *
 * @param place the file, and the line of one with many
 * @param json what is there
 */
public record StoredJson(String place, ObjectNode json) {
    private static final int SHOWN = 60; // characters of a wrong value in a message

    /** A text that must be there. */
    public String text(String key) {
        JsonNode value = json.path(key);
        if (!value.isTextual()) {
            throw wrong(key, "a text");
        }
        return value.textValue();
    }

    /** A text; empty where the key is absent. */
    public String textOrEmpty(String key) {
        return json.has(key) ? text(key) : "";
    }

    /** A text with a character that is not blank. */
    public String name(String key) {
        String name = text(key);
        if (name.isBlank()) {
            throw wrong(key, "a text that is not blank");
        }
        return name;
    }

    /** True or false; false where the key is absent. */
    public boolean flag(String key) {
        JsonNode value = json.path(key);
        if (json.has(key) && !value.isBoolean()) {
            throw wrong(key, "true or false");
        }
        return value.booleanValue();
    }

    /** A whole number that must be there. */
    long whole(String key, long least) {
        JsonNode value = json.path(key);
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < least) {
            throw wrong(key, "a whole number" + (least > Long.MIN_VALUE ? " >= " + least : ""));
        }
        return value.longValue();
    }

    /** A whole number of 32 bits. */
    int count(String key, int least) {
        long value = whole(key, least);
        if (value > Integer.MAX_VALUE) {
            throw wrong(key, "at most " + Integer.MAX_VALUE);
        }
        return (int) value;
    }

    /** A number that must be there, finite and at least 0. */
    double number(String key) {
        JsonNode value = json.path(key);
        if (!value.isNumber() || !Double.isFinite(value.doubleValue()) || value.doubleValue() < 0) {
            throw wrong(key, "a finite number >= 0");
        }
        return value.doubleValue();
    }

    /** Whole numbers; none where the key is absent. */
    List<Integer> counts(String key) {
        List<Integer> numbers = new ArrayList<>();
        for (JsonNode value : list(key)) {
            if (!value.isInt()) {
                throw wrong(key, "a list of whole numbers");
            }
            numbers.add(value.intValue());
        }
        return numbers;
    }

    /** The objects of a list that must be there. */
    List<StoredJson> objects(String key) {
        if (!json.has(key)) {
            throw wrong(key, "a list");
        }
        List<StoredJson> objects = new ArrayList<>();
        for (JsonNode value : list(key)) {
            if (!(value instanceof ObjectNode object)) {
                throw wrong(key, "a list of objects");
            }
            objects.add(new StoredJson(place + ", " + key, object));
        }
        return objects;
    }

    /** An object, or none where the key is absent. */
    Optional<ObjectNode> object(String key) {
        JsonNode value = json.path(key);
        if (json.has(key) && !value.isObject()) {
            throw wrong(key, "an object");
        }
        return Optional.of(value).filter(JsonNode::isObject).map(ObjectNode.class::cast);
    }

    private JsonNode list(String key) {
        JsonNode value = json.path(key);
        if (json.has(key) && !value.isArray()) {
            throw wrong(key, "a list");
        }
        return value;
    }

    /** What is wrong with a key. */
    public UserError wrong(String key, String must) {
        JsonNode value = json.path(key);
        String found = value.isMissingNode()
                ? "missing"
                : value.isContainerNode()
                        ? "a JSON " + value.getNodeType().toString().toLowerCase(Locale.ROOT)
                        : value.toString();
        String shown = found.length() > SHOWN ? found.substring(0, SHOWN) + "..." : found;
        return new UserError(place + ": " + key + " must be " + must + ", but is " + shown
                + "; the file is damaged: take a copy, or remove what is wrong");
    }
}
