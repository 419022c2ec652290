package io.github.rlhf4j.pipeline.config;

import io.github.rlhf4j.core.UserError;
import java.lang.reflect.Array;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Values given in Java, as a run file would have them. */
public final class JavaValue {
    /** Plain YAML of these forms is no text, or stands for something else. */
    private static final Pattern NO_TEXT = Pattern.compile("|~|null|true|false|\\$.*|[-+]?\\.(inf|Inf|INF|nan|NaN|NAN)"
            + "|[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?");

    private JavaValue() {}

    /**
     * The value.
     *
     * @param value a number, a boolean, a text, a path, an enum's constant, a list or an array of such, a map from texts to such, an {@link Optional} of one, or null for no value
     * @throws UserError when it is something else
     */
    public static ConfigValue of(@Nullable Object value) {
        if (value == null || value instanceof Boolean || value instanceof Number && !isFractional(value)) {
            return plain(String.valueOf(value));
        }
        if (value instanceof Number number) {
            return plain(text(number));
        }
        if (value instanceof CharSequence || value instanceof Path) {
            String text = value.toString();
            return new ConfigValue.Scalar(text, NO_TEXT.matcher(text).matches(), Origin.JAVA);
        }
        if (value instanceof Enum<?> constant) {
            return plain(constant.name().toLowerCase(Locale.ROOT));
        }
        if (value instanceof Optional<?> optional) {
            return of(optional.orElse(null));
        }
        if (value instanceof Map<?, ?> map) {
            Map<String, ConfigValue> entries = new LinkedHashMap<>();
            map.forEach((key, item) -> entries.put(String.valueOf(key), of(item)));
            return new ConfigValue.Entries(entries, Origin.JAVA);
        }
        List<ConfigValue> items = new ArrayList<>();
        if (value instanceof Iterable<?> iterable) {
            iterable.forEach(item -> items.add(of(item)));
        } else if (value.getClass().isArray()) {
            for (int i = 0; i < Array.getLength(value); i++) {
                items.add(of(Array.get(value, i)));
            }
        } else {
            throw new UserError("a value of " + value.getClass()
                    + " cannot be set: give a number, a boolean, a text, a path, a list or a map");
        }
        return new ConfigValue.Items(items, Origin.JAVA);
    }

    private static boolean isFractional(Object value) {
        return value instanceof Double || value instanceof Float;
    }

    /** 1e-5 rather than 1.0E-5. */
    private static String text(Number number) {
        double value = number.doubleValue();
        if (Double.isInfinite(value)) {
            return value > 0 ? ".inf" : "-.inf";
        }
        return number.toString().replaceFirst("\\.0E", "e").replace('E', 'e');
    }

    private static ConfigValue plain(String text) {
        return new ConfigValue.Scalar(text, false, Origin.JAVA);
    }
}
