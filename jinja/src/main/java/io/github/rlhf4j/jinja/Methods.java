package io.github.rlhf4j.jinja;

import io.github.rlhf4j.jinja.Values.Callable;
import io.github.rlhf4j.jinja.Values.Missing;
import io.github.rlhf4j.jinja.Values.Tuple;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;

/** Methods of Python's strings, dicts and lists that do not change them. */
final class Methods {
    private static final Set<String> STRING = Set.of(
            "strip",
            "lstrip",
            "rstrip",
            "split",
            "rsplit",
            "splitlines",
            "startswith",
            "endswith",
            "upper",
            "lower",
            "capitalize",
            "title",
            "replace",
            "find",
            "rfind",
            "index",
            "count",
            "join",
            "isdigit",
            "isalpha",
            "isspace",
            "isalnum",
            "isupper",
            "islower",
            "removeprefix",
            "removesuffix",
            "partition",
            "rpartition",
            "format");
    private static final Set<String> CHANGING = Set.of(
            "append",
            "extend",
            "insert",
            "remove",
            "sort",
            "reverse",
            "update",
            "pop",
            "popitem",
            "clear",
            "setdefault");

    private Methods() {}

    static Optional<Callable> find(Object object, String name) {
        if (object instanceof String text && STRING.contains(name)) {
            return Optional.of((arguments, named) -> string(text, name, arguments, named));
        }
        if (object instanceof Map<?, ?> map
                && Set.of("items", "keys", "values", "get", "copy").contains(name)) {
            return Optional.of((arguments, named) -> dict(map, name, arguments, named));
        }
        if (object instanceof List<?> list && Set.of("index", "count", "copy").contains(name)) {
            return Optional.of((arguments, named) -> list(list, name, arguments));
        }
        if ((object instanceof Map || object instanceof List) && CHANGING.contains(name)) {
            return Optional.of((arguments, named) -> {
                throw new JinjaException("access to '" + name + "' is unsafe: templates must not change their data");
            });
        }
        return Optional.empty();
    }

    private static Object dict(Map<?, ?> map, String name, List<Object> arguments, Map<String, Object> named) {
        return switch (name) {
            case "items" -> Filters.pairs(map);
            case "keys" -> new ArrayList<Object>(map.keySet());
            case "values" -> new ArrayList<Object>(map.values());
            case "copy" -> new LinkedHashMap<Object, Object>(map);
            default -> {
                Object value = map.get(Values.key(arguments.get(0)));
                Object other = arguments.size() > 1 ? arguments.get(1) : named.getOrDefault("default", Missing.NONE);
                yield value == null ? other : value;
            }
        };
    }

    private static Object list(List<?> list, String name, List<Object> arguments) {
        switch (name) {
            case "copy":
                return new ArrayList<Object>(list);
            case "count":
                return list.stream()
                        .filter(item -> Values.equal(item, arguments.get(0)))
                        .count();
            default:
                for (int i = 0; i < list.size(); i++) {
                    if (Values.equal(list.get(i), arguments.get(0))) {
                        return (long) i;
                    }
                }
                throw new JinjaException("the value is not in the list");
        }
    }

    private static Object string(String text, String name, List<Object> arguments, Map<String, Object> named) {
        Budget.spend(name.endsWith("swith") ? 0 : text.length());
        return switch (name) {
            case "strip" -> strip(text, chars(arguments), true, true);
            case "lstrip" -> strip(text, chars(arguments), true, false);
            case "rstrip" -> strip(text, chars(arguments), false, true);
            case "split", "rsplit" -> split(text, arguments, named, name.equals("rsplit"));
            case "splitlines" -> new ArrayList<Object>(text.lines().toList());
            case "startswith" -> options(arguments.get(0)).stream().anyMatch(text::startsWith);
            case "endswith" -> options(arguments.get(0)).stream().anyMatch(text::endsWith);
            case "upper" -> text.toUpperCase(Locale.ROOT);
            case "lower" -> text.toLowerCase(Locale.ROOT);
            case "capitalize" -> Filters.capitalize(text);
            case "title" -> Filters.title(text);
            case "replace" -> Filters.replace(text, arguments);
            case "find" -> (long) Search.first(text, Values.text(arguments.get(0)), 0);
            case "rfind" -> (long) Search.last(text, Values.text(arguments.get(0)));
            case "index" -> index(text, Values.text(arguments.get(0)));
            case "count" ->
                (long) pieces(text, Values.text(arguments.get(0)), -1).size() - 1;
            case "join" -> Filters.join(Values.items(arguments.get(0)), text);
            case "isdigit" -> all(text, Character::isDigit);
            case "isalpha" -> all(text, Character::isLetter);
            case "isalnum" -> all(text, Character::isLetterOrDigit);
            case "isspace" -> all(text, Methods::isSpace);
            case "isupper" -> !text.equals(text.toLowerCase(Locale.ROOT)) && text.equals(text.toUpperCase(Locale.ROOT));
            case "islower" -> !text.equals(text.toUpperCase(Locale.ROOT)) && text.equals(text.toLowerCase(Locale.ROOT));
            case "removeprefix" -> {
                String prefix = compared(arguments.get(0));
                yield text.startsWith(prefix) ? text.substring(prefix.length()) : text;
            }
            case "removesuffix" -> {
                String suffix = compared(arguments.get(0));
                yield text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
            }
            case "partition" -> partition(text, Values.text(arguments.get(0)), false);
            case "rpartition" -> partition(text, Values.text(arguments.get(0)), true);
            default -> format(text, arguments, named);
        };
    }

    private static long index(String text, String part) {
        int index = Search.first(text, part, 0);
        if (index < 0) {
            throw new JinjaException("substring not found");
        }
        return index;
    }

    private static Object format(String text, List<Object> arguments, Map<String, Object> named) {
        String result = text;
        for (Object argument : arguments) {
            int place = result.indexOf("{}");
            if (place >= 0) {
                result = Operations.joined(
                        result.substring(0, place) + Values.text(argument), result.substring(place + 2));
            }
        }
        for (Map.Entry<String, Object> entry : named.entrySet()) {
            result = Filters.replaced(result, "{" + entry.getKey() + "}", Values.text(entry.getValue()), -1);
        }
        return result;
    }

    private static Object partition(String text, String separator, boolean last) {
        int at = last ? Search.last(text, separator) : Search.first(text, separator, 0);
        if (at < 0) {
            return new Tuple(last ? List.of("", "", text) : List.of(text, "", ""));
        }
        return new Tuple(List.of(text.substring(0, at), separator, text.substring(at + separator.length())));
    }

    private static List<String> options(Object argument) {
        return argument instanceof List<?> list
                ? list.stream().map(Methods::compared).toList()
                : List.of(compared(argument));
    }

    private static String compared(Object value) {
        String text = Values.text(value);
        Budget.spend(text.length());
        return text;
    }

    private static Optional<String> chars(List<Object> arguments) {
        return arguments.isEmpty() || arguments.get(0) == Missing.NONE
                ? Optional.empty()
                : Optional.of(Values.text(arguments.get(0)));
    }

    static String strip(String text, Optional<String> chars, boolean left, boolean right) {
        BitSet given = new BitSet();
        chars.ifPresent(all -> all.chars().forEach(given::set));
        IntPredicate strips = chars.isEmpty() ? Methods::isSpace : given::get;
        int start = 0;
        int end = text.length();
        while (left && start < end && strips.test(text.charAt(start))) {
            start++;
        }
        while (right && end > start && strips.test(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(start, end);
    }

    /** White space as Python has it, the no-break spaces included. */
    static boolean isSpace(int c) {
        return Character.isWhitespace(c) || c == 0x85 || c == 0xA0 || c == 0x2007 || c == 0x202F;
    }

    private static boolean all(String text, IntPredicate predicate) {
        return !text.isEmpty() && text.codePoints().allMatch(predicate);
    }

    private static List<Object> split(String text, List<Object> arguments, Map<String, Object> named, boolean right) {
        Optional<String> separator = chars(arguments);
        Object limit = arguments.size() > 1 ? arguments.get(1) : named.getOrDefault("maxsplit", -1L);
        int most = (int) Values.integer(limit);
        if (separator.isEmpty()) {
            String trimmed = strip(text, Optional.empty(), true, true);
            return trimmed.isEmpty()
                    ? new ArrayList<>()
                    : new ArrayList<>(List.of((Object[]) trimmed.split("(?U)\\s+", most < 0 ? 0 : most + 1)));
        }
        List<Object> pieces = pieces(text, separator.get(), right ? -1 : most);
        if (right && most >= 0 && pieces.size() > most + 1) {
            int head = pieces.size() - most;
            String first = Filters.join(pieces.subList(0, head), separator.get());
            List<Object> result = new ArrayList<>(List.of(first));
            result.addAll(pieces.subList(head, pieces.size()));
            return result;
        }
        return pieces;
    }

    private static List<Object> pieces(String text, String separator, int most) {
        if (separator.isEmpty()) {
            throw new JinjaException("empty separator");
        }
        List<Object> pieces = new ArrayList<>();
        int start = 0;
        for (int at = Search.first(text, separator, 0);
                at >= 0 && (most < 0 || pieces.size() < most);
                at = Search.first(text, separator, start)) {
            pieces.add(text.substring(start, at));
            start = at + separator.length();
        }
        pieces.add(text.substring(start));
        return pieces;
    }
}
