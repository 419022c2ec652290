package io.github.rlhf4j.jinja;

import io.github.rlhf4j.jinja.Values.Callable;
import io.github.rlhf4j.jinja.Values.Missing;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What can follow {@code is}. */
final class Tests {
    private Tests() {}

    static boolean apply(String name, Object value, List<Object> arguments) {
        return switch (name) {
            case "defined" -> value != Missing.UNDEFINED;
            case "undefined" -> value == Missing.UNDEFINED;
            case "none" -> value == Missing.NONE;
            case "string" -> value instanceof String;
            case "mapping" -> value instanceof Map;
            case "sequence" ->
                value instanceof String || value instanceof List || value instanceof Map || value == Missing.UNDEFINED;
            case "iterable" ->
                value instanceof String || value instanceof List || value instanceof Map || value == Missing.UNDEFINED;
            case "number" -> Values.isNumber(value);
            case "integer" -> value instanceof Long;
            case "float" -> value instanceof Double;
            case "boolean" -> value instanceof Boolean;
            case "true" -> value.equals(true);
            case "false" -> value.equals(false);
            case "callable" -> value instanceof Callable;
            case "odd" -> Math.floorMod(Values.integer(value), 2) == 1;
            case "even" -> Math.floorMod(Values.integer(value), 2) == 0;
            case "divisibleby" -> Values.integer(value) % Values.integer(arguments.get(0)) == 0;
            case "upper" -> Values.text(value).equals(Values.text(value).toUpperCase(Locale.ROOT));
            case "lower" -> Values.text(value).equals(Values.text(value).toLowerCase(Locale.ROOT));
            case "eq", "equalto", "sameas" -> Values.equal(value, arguments.get(0));
            case "ne" -> !Values.equal(value, arguments.get(0));
            case "lt", "lessthan" -> Values.compare(value, arguments.get(0)) < 0;
            case "le" -> Values.compare(value, arguments.get(0)) <= 0;
            case "gt", "greaterthan" -> Values.compare(value, arguments.get(0)) > 0;
            case "ge" -> Values.compare(value, arguments.get(0)) >= 0;
            case "in" -> Values.contains(arguments.get(0), value);
            default -> throw new JinjaException("there is no test named " + name);
        };
    }
}
