package io.github.rlhf4j.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.Suggestion;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A request's object: fields are read by name and type, null is absent, and what nobody has read in the end is refused by name. */
final class Fields {
    /** What cannot change an answer here. */
    private static final Set<String> WITHOUT_EFFECT = Set.of(
            "user",
            "metadata",
            "store",
            "service_tier",
            "safety_identifier",
            "prompt_cache_key",
            "prompt_cache_retention",
            "prediction");

    private final ObjectNode object;
    private final String prefix; // of names in messages
    private final Set<String> known = new LinkedHashSet<>();

    Fields(JsonNode json) {
        this(json, "");
    }

    private Fields(JsonNode json, String prefix) {
        if (!(json instanceof ObjectNode node)) {
            throw prefix.isEmpty()
                    ? new ApiError(400, "the body must be an object of JSON", "", "")
                    : ApiError.of(prefix, "must be an object");
        }
        this.object = node;
        this.prefix = prefix;
    }

    /** The value of a field, if it is there and not null. */
    Optional<JsonNode> get(String name) {
        known.add(name);
        JsonNode value = object.get(name);
        return value == null || value.isNull() ? Optional.empty() : Optional.of(value);
    }

    private String path(String name) {
        return prefix.isEmpty() ? name : prefix + "." + name;
    }

    ApiError error(String name, String message) {
        return ApiError.of(path(name), message);
    }

    /** A field that is an object. */
    Optional<Fields> object(String name) {
        return get(name).map(value -> new Fields(value, path(name)));
    }

    Optional<String> text(String name) {
        return get(name).map(value -> {
            if (!value.isTextual()) {
                throw error(name, "must be a string");
            }
            return value.textValue();
        });
    }

    boolean flag(String name, boolean absent) {
        return get(name)
                .map(value -> {
                    if (!value.isBoolean()) {
                        throw error(name, "must be true or false, but is " + value);
                    }
                    return value.booleanValue();
                })
                .orElse(absent);
    }

    double number(String name, double absent, double least, double most) {
        return get(name)
                .map(value -> {
                    double number = value.isNumber() ? value.doubleValue() : Double.NaN;
                    if (!(number >= least && number <= most)) {
                        throw error(
                                name,
                                "must be a number in [" + plain(least) + ", " + plain(most) + "], but is " + value);
                    }
                    return number;
                })
                .orElse(absent);
    }

    private static String plain(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }

    Optional<Long> whole(String name, long least, long most) {
        return get(name).map(value -> {
            boolean isWhole = value.isIntegralNumber() && value.canConvertToLong();
            if (!isWhole || value.longValue() < least || value.longValue() > most) {
                throw error(name, "must be a whole number in " + least + " .. " + most + ", but is " + value);
            }
            return value.longValue();
        });
    }

    int count(String name, int absent, int least, int most) {
        return whole(name, least, most).map(Long::intValue).orElse(absent);
    }

    /** A string, or a list of strings. */
    List<String> texts(String name) {
        Optional<JsonNode> value = get(name);
        if (value.isEmpty()) {
            return List.of();
        }
        if (value.get().isTextual()) {
            return List.of(value.get().textValue());
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode one : list(name, value.get())) {
            if (!one.isTextual()) {
                throw error(name, "must be a string or a list of strings");
            }
            texts.add(one.textValue());
        }
        return texts;
    }

    private Iterable<JsonNode> list(String name, JsonNode value) {
        if (!value.isArray()) {
            throw error(name, "must be a string or a list");
        }
        return value;
    }

    /** Refuses a field whose value would change the answer in a way that is not known here. */
    void refuse(String name, String why, JsonNode... harmless) {
        Optional<JsonNode> value = get(name);
        if (value.isPresent() && !List.of(harmless).contains(value.get())) {
            throw error(name, why);
        }
    }

    /** Refuses what nobody has read. */
    void refuseOthers() {
        object.fieldNames().forEachRemaining(name -> {
            boolean isIgnored = prefix.isEmpty() && WITHOUT_EFFECT.contains(name);
            if (!known.contains(name) && !isIgnored && !object.get(name).isNull()) {
                throw error(name, "is not known here" + Suggestion.phrase(name, known));
            }
        });
    }
}
