package io.github.rlhf4j.pipeline.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.DoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The numbers that a key may have, or the texts, as far as its record says so of a value by itself. Bounds that depend on other keys are none.
 *
 * @param from the least, or what is below all
 * @param isFromIncluded whether {@code from} itself is possible
 * @param to the greatest, or what is above all
 * @param isToIncluded whether {@code to} itself is possible
 * @param choices the texts that there are; empty: any
 */
public record KeyRange(
        OptionalDouble from, boolean isFromIncluded, OptionalDouble to, boolean isToIncluded, List<String> choices) {
    /** Everything. */
    public static final KeyRange ANY =
            new KeyRange(OptionalDouble.empty(), false, OptionalDouble.empty(), false, List.of());

    public KeyRange {
        choices = List.copyOf(choices);
    }

    private static final String NUMBER = "(-?[0-9]+(?:\\.[0-9]+)?(?:[eE]-?[0-9]+)?)(?! [+*/-])";
    private static final Pattern BETWEEN =
            Pattern.compile("(?:in|between) [\\[(]?" + NUMBER + "(?:,| and| \\.\\.) " + NUMBER);
    private static final Pattern LOW = Pattern.compile(">=? " + NUMBER);
    private static final Pattern HIGH = Pattern.compile("(?:<=?|at most) " + NUMBER);
    private static final Pattern CHOICES = Pattern.compile("must be one of ([a-z0-9_.-]+(?:, [a-z0-9_.-]+)+)");
    private static final double FAR = 1e9;

    /** These texts. */
    static KeyRange oneOf(List<String> choices) {
        return new KeyRange(OptionalDouble.empty(), false, OptionalDouble.empty(), false, choices);
    }

    /** Of a key, by what the record says of values far away, at the bounds that it names, and at 0. */
    static KeyRange of(RecordProbe probe, String key, Type type) {
        if (!probe.choices(key).isEmpty()) {
            return oneOf(probe.choices(key));
        }
        if (isText(type)) {
            return choices(probe, key, type);
        }
        Optional<DoubleFunction<Object>> values = number(type);
        return values.isEmpty() ? ANY : range(probe, key, values.get());
    }

    private static KeyRange range(RecordProbe probe, String key, DoubleFunction<Object> value) {
        OptionalDouble from = bound(probe.complaint(key, value.apply(-FAR)), LOW, 1);
        OptionalDouble to = bound(probe.complaint(key, value.apply(FAR)), HIGH, 2);
        boolean isFrom = from.isPresent() && isTaken(probe, key, value.apply(from.getAsDouble()));
        if (from.isPresent() && from.getAsDouble() > 0 && isTaken(probe, key, value.apply(0))) {
            from = OptionalDouble.of(0); // >= 1, or 0 for something else
            isFrom = true;
        }
        boolean isTo = to.isPresent() && isTaken(probe, key, value.apply(to.getAsDouble()));
        return new KeyRange(from, isFrom, to, isTo, List.of());
    }

    private static boolean isTaken(RecordProbe probe, String key, Object value) {
        return probe.complaint(key, value).isEmpty();
    }

    private static OptionalDouble bound(Optional<String> complaint, Pattern one, int ofTwo) {
        if (complaint.isEmpty()) {
            return OptionalDouble.empty();
        }
        Matcher both = BETWEEN.matcher(complaint.get());
        if (both.find()) {
            return OptionalDouble.of(Double.parseDouble(both.group(ofTwo)));
        }
        Matcher found = one.matcher(complaint.get());
        return found.find() ? OptionalDouble.of(Double.parseDouble(found.group(1))) : OptionalDouble.empty();
    }

    private static KeyRange choices(RecordProbe probe, String key, Type type) {
        String unknown = "\u0000";
        Object value = type == String.class ? unknown : Optional.of(unknown);
        return probe.complaint(key, value)
                .map(CHOICES::matcher)
                .filter(Matcher::find)
                .map(found -> List.of(found.group(1).split(", ")))
                .map(KeyRange::oneOf)
                .orElse(ANY);
    }

    private static boolean isText(Type type) {
        return type == String.class
                || type instanceof ParameterizedType optional
                        && optional.getRawType() == Optional.class
                        && optional.getActualTypeArguments()[0] == String.class;
    }

    /** What makes a value of a numeric type; empty for other types. */
    private static Optional<DoubleFunction<Object>> number(Type type) {
        if (type instanceof ParameterizedType optional && optional.getRawType() == Optional.class) {
            return number(optional.getActualTypeArguments()[0]).map(inner -> value -> Optional.of(inner.apply(value)));
        }
        if (type == int.class || type == Integer.class) {
            return Optional.of(value -> (int) value);
        }
        if (type == long.class || type == Long.class) {
            return Optional.of(value -> (long) value);
        }
        if (type == double.class || type == Double.class) {
            return Optional.of(value -> value);
        }
        if (type == OptionalInt.class) {
            return Optional.of(value -> OptionalInt.of((int) value));
        }
        if (type == OptionalLong.class) {
            return Optional.of(value -> OptionalLong.of((long) value));
        }
        return type == OptionalDouble.class ? Optional.of(OptionalDouble::of) : Optional.empty();
    }

    /** Writes the bounds as JSON schema does. */
    void describe(ObjectNode schema) {
        from.ifPresent(bound -> put(schema, isFromIncluded ? "minimum" : "exclusiveMinimum", bound));
        to.ifPresent(bound -> put(schema, isToIncluded ? "maximum" : "exclusiveMaximum", bound));
    }

    private static void put(ObjectNode schema, String keyword, double bound) {
        if (bound == Math.rint(bound)) {
            schema.put(keyword, (long) bound);
        } else {
            schema.put(keyword, bound);
        }
    }
}
