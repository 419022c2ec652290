package io.github.rlhf4j.jinja;

import io.github.rlhf4j.jinja.Values.Callable;
import io.github.rlhf4j.jinja.Values.Missing;
import io.github.rlhf4j.jinja.Values.Namespace;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Functions that every template can call. */
final class Globals {
    private static final Map<Character, String> STRFTIME = Map.ofEntries(
            Map.entry('d', "dd"),
            Map.entry('b', "MMM"),
            Map.entry('B', "MMMM"),
            Map.entry('m', "MM"),
            Map.entry('y', "yy"),
            Map.entry('Y', "yyyy"),
            Map.entry('H', "HH"),
            Map.entry('I', "hh"),
            Map.entry('M', "mm"),
            Map.entry('S', "ss"),
            Map.entry('p', "a"),
            Map.entry('a', "EEE"),
            Map.entry('A', "EEEE"),
            Map.entry('j', "DDD"));

    private static final int MAX_RANGE = 100_000; // of Jinja2's sandbox

    private Globals() {}

    static void define(Scope scope, Clock clock) {
        scope.set("true", true);
        scope.set("True", true);
        scope.set("false", false);
        scope.set("False", false);
        scope.set("none", Missing.NONE);
        scope.set("None", Missing.NONE);
        define(scope, "range", (arguments, named) -> range(arguments));
        define(scope, "namespace", (arguments, named) -> new Namespace(dict(arguments, named)));
        define(scope, "dict", (arguments, named) -> dict(arguments, named));
        define(scope, "raise_exception", (arguments, named) -> {
            throw JinjaException.raised(arguments.isEmpty() ? "" : Values.text(arguments.get(0)));
        });
        define(scope, "strftime_now", (arguments, named) -> strftime(Values.text(arguments.get(0)), clock));
    }

    private static void define(Scope scope, String name, Callable callable) {
        scope.set(name, callable);
    }

    private static List<Object> range(List<Object> arguments) {
        long start = arguments.size() > 1 ? Values.integer(arguments.get(0)) : 0;
        long stop = Values.integer(arguments.get(arguments.size() > 1 ? 1 : 0));
        long step = arguments.size() > 2 ? Values.integer(arguments.get(2)) : 1;
        double count = Math.ceil(((double) stop - start) / step);
        if (step == 0 || count > MAX_RANGE) {
            throw new JinjaException("range is too large, or its step is 0");
        }
        List<Object> result = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            result.add(start + i * step);
        }
        Budget.spendItems(result.size());
        return result;
    }

    private static <K> Map<K, Object> dict(List<Object> arguments, Map<String, Object> named) {
        Map<Object, Object> result = new LinkedHashMap<>();
        if (!arguments.isEmpty() && arguments.get(0) instanceof Map<?, ?> map) {
            result.putAll(map);
        }
        result.putAll(named);
        @SuppressWarnings("unchecked")
        Map<K, Object> typed = (Map<K, Object>) result;
        return typed;
    }

    private static String strftime(String format, Clock clock) {
        LocalDateTime now = LocalDateTime.now(clock);
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                out.append(c);
                continue;
            }
            char code = format.charAt(++i);
            boolean unpadded = code == '-' && i + 1 < format.length();
            code = unpadded ? format.charAt(++i) : code;
            String pattern = STRFTIME.get(code);
            if (pattern == null) {
                out.append(code == '%' ? "%" : "%" + code);
            } else {
                String text =
                        DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(now);
                out.append(unpadded ? text.replaceFirst("^0+(?=.)", "") : text);
            }
        }
        return out.toString();
    }
}
