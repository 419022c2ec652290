package io.github.rlhf4j.jinja;

import io.github.rlhf4j.jinja.Values.Missing;
import io.github.rlhf4j.jinja.Values.Tuple;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** Jinja2's filters, as far as chat templates use them; {@code tojson} is transformers' own. */
final class Filters {
    private Filters() {}

    static Object apply(String name, Object value, List<Object> arguments, Map<String, Object> named) {
        Budget.spend(value instanceof String text ? text.length() : 0);
        return switch (name) {
            case "tojson" -> Json.write(value, arguments, named);
            case "trim" ->
                Methods.strip(
                        Values.text(value),
                        arguments.isEmpty() ? Optional.empty() : Optional.of(Values.text(arguments.get(0))),
                        true,
                        true);
            case "upper" -> Values.text(value).toUpperCase(Locale.ROOT);
            case "lower" -> Values.text(value).toLowerCase(Locale.ROOT);
            case "capitalize" -> capitalize(Values.text(value));
            case "title" -> title(Values.text(value));
            case "length", "count" -> Values.length(value);
            case "string" -> Values.text(value);
            case "safe" -> value;
            case "list" -> Values.items(value);
            case "first" -> end(Values.items(value), true);
            case "last" -> end(Values.items(value), false);
            case "join" ->
                join(
                        selected(Values.items(value), named),
                        arguments.isEmpty() ? text(named, "d", "") : Values.text(arguments.get(0)));
            case "replace" -> replace(Values.text(value), arguments);
            case "default", "d" -> orDefault(value, arguments, named);
            case "items" -> value == Missing.UNDEFINED ? new ArrayList<>() : pairs(dict(value));
            case "dictsort" -> sorted(pairs(dict(value)), "0", Map.of());
            case "sort" -> sorted(Values.items(value), text(named, "attribute", ""), named);
            case "unique" -> unique(Values.items(value));
            case "reverse" -> reverse(value);
            case "map" -> map(Values.items(value), arguments, named);
            case "select" -> filter(Values.items(value), test(arguments, 0), true);
            case "reject" -> filter(Values.items(value), test(arguments, 0), false);
            case "selectattr" -> filter(Values.items(value), attributeTest(arguments), true);
            case "rejectattr" -> filter(Values.items(value), attributeTest(arguments), false);
            case "indent" -> indent(Values.text(value), arguments, named);
            case "int" -> toInteger(value, arguments);
            case "float" -> toReal(value, arguments);
            case "abs" -> value instanceof Double d ? (Object) Math.abs(d) : (Object) Math.abs(Values.integer(value));
            case "round" -> round(Values.number(value), arguments);
            case "sum" -> Values.items(value).stream().reduce(0L, (a, b) -> Operations.binary("+", a, b));
            case "min" -> extreme(Values.items(value), Values::compare);
            case "max" -> extreme(Values.items(value), (a, b) -> Values.compare(b, a));
            case "attr" -> Operations.attribute(value, Values.text(arguments.get(0)));
            case "escape", "e" -> escape(Values.text(value));
            default -> throw new JinjaException("there is no filter named " + name);
        };
    }

    private static String text(Map<String, Object> named, String key, String defaultValue) {
        return named.containsKey(key) ? Values.text(named.get(key)) : defaultValue;
    }

    private static Object end(List<Object> items, boolean first) {
        return items.isEmpty() ? Missing.UNDEFINED : items.get(first ? 0 : items.size() - 1);
    }

    static List<Object> pairs(Map<?, ?> map) {
        List<Object> result = new ArrayList<>();
        map.forEach((key, value) -> result.add(new Tuple(List.of(key, value))));
        return result;
    }

    static String join(List<?> items, String separator) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < items.size(); i++) {
            String item = Values.text(items.get(i));
            Budget.append(out, i > 0 ? separator : "");
            Budget.append(out, item);
        }
        return out.toString();
    }

    private static List<Object> selected(List<Object> items, Map<String, Object> named) {
        return named.containsKey("attribute") ? map(items, List.of(), named) : items;
    }

    static String capitalize(String text) {
        return text.isEmpty()
                ? text
                : text.substring(0, 1).toUpperCase(Locale.ROOT)
                        + text.substring(1).toLowerCase(Locale.ROOT);
    }

    static String title(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            boolean begins = i == 0 || !Character.isLetter(text.charAt(i - 1));
            out.append(begins ? Character.toUpperCase(text.charAt(i)) : Character.toLowerCase(text.charAt(i)));
        }
        return out.toString();
    }

    static String replace(String text, List<Object> arguments) {
        String from = Values.text(arguments.get(0));
        String to = Values.text(arguments.get(1));
        return replaced(text, from, to, arguments.size() < 3 ? -1 : Values.integer(arguments.get(2)));
    }

    /** The first {@code most} occurrences replaced, all where it is negative; the empty text occurs before each character and at the end. */
    static String replaced(String text, String from, String to, long most) {
        Budget.spendText(text.length());
        StringBuilder out = new StringBuilder();
        int start = 0; // of what is not copied yet
        int search = 0;
        for (long done = 0; most < 0 || done < most; done++) {
            int at = search > text.length() ? -1 : Search.first(text, from, search);
            if (at < 0) {
                break;
            }
            Budget.append(out.append(text, start, at), to);
            Budget.spend(1);
            start = at + from.length();
            search = from.isEmpty() ? at + 1 : start;
        }
        return out.append(text, start, text.length()).toString();
    }

    private static Object orDefault(Object value, List<Object> arguments, Map<String, Object> named) {
        boolean anyFalse = arguments.size() > 1
                ? Values.truth(arguments.get(1))
                : Values.truth(named.getOrDefault("boolean", false));
        boolean absent = value == Missing.UNDEFINED || (anyFalse && !Values.truth(value));
        return absent ? (arguments.isEmpty() ? named.getOrDefault("default_value", "") : arguments.get(0)) : value;
    }

    private static List<Object> sorted(List<Object> items, String attribute, Map<String, Object> named) {
        boolean exact = Values.truth(named.getOrDefault("case_sensitive", false));
        Comparator<Object> order = (a, b) -> Values.compare(key(a, attribute, exact), key(b, attribute, exact));
        items.sort(Values.truth(named.getOrDefault("reverse", false)) ? order.reversed() : order);
        return items;
    }

    private static Object key(Object item, String attribute, boolean exact) {
        Object key = attribute.isEmpty() ? item : path(item, attribute);
        if (exact || !(key instanceof String text)) {
            return key;
        }
        Budget.spend(text.length());
        return text.toLowerCase(Locale.ROOT);
    }

    private static Object path(Object item, String attribute) {
        Object value = item;
        for (String part : attribute.split("\\.")) {
            value = Operations.item(value, part.matches("\\d+") ? (Object) Long.parseLong(part) : part);
        }
        return value;
    }

    private static List<Object> unique(List<Object> items) {
        List<Object> result = new ArrayList<>();
        for (Object item : items) {
            Budget.spend(result.size());
            if (result.stream().noneMatch(each -> Values.equal(key(each, "", false), key(item, "", false)))) {
                result.add(item);
            }
        }
        return result;
    }

    private static Object reverse(Object value) {
        if (value instanceof String text) {
            return new StringBuilder(text).reverse().toString();
        }
        List<Object> items = Values.items(value);
        Collections.reverse(items);
        return items;
    }

    private static List<Object> map(List<Object> items, List<Object> arguments, Map<String, Object> named) {
        List<Object> result = new ArrayList<>();
        for (Object item : items) {
            if (!named.containsKey("attribute")) {
                result.add(apply(Values.text(arguments.get(0)), item, arguments.subList(1, arguments.size()), named));
                continue;
            }
            Object value = path(item, Values.text(named.get("attribute")));
            result.add(value == Missing.UNDEFINED ? named.getOrDefault("default", value) : value);
        }
        return result;
    }

    private static Predicate<Object> test(List<Object> arguments, int from) {
        if (arguments.size() <= from) {
            return Values::truth;
        }
        String name = Values.text(arguments.get(from));
        String test = name.equals("==") ? "eq" : name.equals("!=") ? "ne" : name;
        return item -> Tests.apply(test, item, arguments.subList(from + 1, arguments.size()));
    }

    private static Predicate<Object> attributeTest(List<Object> arguments) {
        String attribute = Values.text(arguments.get(0));
        Predicate<Object> test = test(arguments, 1);
        return item -> test.test(path(item, attribute));
    }

    private static List<Object> filter(List<Object> items, Predicate<Object> test, boolean keep) {
        List<Object> result = new ArrayList<>();
        items.stream().filter(item -> test.test(item) == keep).forEach(result::add);
        return result;
    }

    private static String indent(String text, List<Object> arguments, Map<String, Object> named) {
        Object width = !arguments.isEmpty() ? arguments.get(0) : named.getOrDefault("width", 4L);
        Object first = arguments.size() > 1 ? arguments.get(1) : named.getOrDefault("first", false);
        Object blank = arguments.size() > 2 ? arguments.get(2) : named.getOrDefault("blank", false);
        String space = width instanceof String given ? given : spaces(Values.integer(width));
        StringBuilder out = new StringBuilder();
        String[] lines = text.split("\n", -1);
        for (int i = 0; i < lines.length; i++) {
            boolean indents = i == 0 ? Values.truth(first) : !lines[i].isEmpty() || Values.truth(blank);
            Budget.append(out.append(i > 0 ? "\n" : ""), indents ? space : "");
            out.append(lines[i]);
        }
        return out.toString();
    }

    private static String spaces(long count) {
        Budget.spendText(Math.max(0, count));
        return " ".repeat((int) Math.max(0, count));
    }

    private static Map<?, ?> dict(Object value) {
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        throw new JinjaException("a dict is needed, not " + Values.type(value));
    }

    private static Object extreme(List<Object> items, Comparator<Object> order) {
        return items.isEmpty() ? Missing.UNDEFINED : Collections.min(items, order);
    }

    private static Object toReal(Object value, List<Object> arguments) {
        try {
            return Values.isNumber(value)
                    ? Values.number(value)
                    : Double.parseDouble(Values.text(value).strip());
        } catch (NumberFormatException e) {
            return arguments.isEmpty() ? 0.0 : arguments.get(0);
        }
    }

    private static Object toInteger(Object value, List<Object> arguments) {
        try {
            return value instanceof String text
                    ? (long) Double.parseDouble(text.strip())
                    : value instanceof Double d
                            ? d.longValue()
                            : Values.isNumber(value) ? Values.integer(value) : toInteger("", arguments);
        } catch (NumberFormatException e) {
            return arguments.isEmpty() ? 0L : arguments.get(0);
        }
    }

    private static Object round(double value, List<Object> arguments) {
        double scale = arguments.isEmpty() ? 1 : Math.pow(10, Values.integer(arguments.get(0)));
        return Math.rint(value * scale) / scale;
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("'", "&#39;")
                .replace("\"", "&#34;");
    }
}
