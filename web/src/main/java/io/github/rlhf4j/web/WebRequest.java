package io.github.rlhf4j.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.rlhf4j.core.UserError;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a page asks.
 *
 * @param query the address's parameters; one of several values has a line for each
 * @param body JSON; missing where there is none
 */
public record WebRequest(Map<String, String> query, JsonNode body) {
    /** A request without a body. */
    public static WebRequest of(Map<String, String> query) {
        return new WebRequest(query, MissingNode.getInstance());
    }

    /** All values of a parameter, none where it is not given. */
    public List<String> all(String name) {
        return find(name).map(text -> List.of(text.split("\n"))).orElse(List.of());
    }

    /** A parameter of the address, else the member of the body; empty where it is not given or blank. */
    public Optional<String> find(String name) {
        return Optional.ofNullable(query.get(name))
                .or(() -> Optional.of(body.path(name))
                        .filter(JsonNode::isValueNode)
                        .map(JsonNode::asText))
                .filter(text -> !text.isBlank());
    }

    /**
     * A text.
     *
     * @throws UserError where it is not given
     */
    public String text(String name) {
        return find(name).orElseThrow(() -> new UserError(name + " is missing"));
    }

    /**
     * A whole number in a range.
     *
     * @throws UserError where it is none, or outside
     */
    public long whole(String name, long ifAbsent, long least, long most) {
        Optional<String> given = find(name);
        if (given.isEmpty()) {
            return ifAbsent;
        }
        if (given.get().matches("-?[0-9]{1,18}")) {
            long value = Long.parseLong(given.get());
            if (value >= least && value <= most) {
                return value;
            }
        }
        throw new UserError(name + " must be a whole number in " + least + ".." + most + ", but is " + given.get());
    }

    /**
     * A finite number.
     *
     * @throws UserError where it is none
     */
    public Optional<Double> number(String name) {
        return find(name).map(text -> {
            try {
                double value = Double.parseDouble(text);
                if (Double.isFinite(value)) {
                    return value;
                }
            } catch (NumberFormatException e) {
                // told below
            }
            throw new UserError(name + " must be a number, but is " + text);
        });
    }

    /** Whether a switch is on: {@code true} or {@code 1}. */
    public boolean isOn(String name) {
        return find(name)
                .filter(text -> text.equals("true") || text.equals("1"))
                .isPresent();
    }
}
