package io.github.rlhf4j.jinja;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Python's rules for values: Boolean, Long, Double, String, List, Map, {@link Missing}, {@link Callable}.
 */
final class Values {
    private Values() {}

    /** Python's None, and Jinja's undefined, which prints as nothing. */
    enum Missing {
        NONE,
        UNDEFINED
    }

    /** Something that can be called. */
    @FunctionalInterface
    interface Callable {
        Object call(List<Object> arguments, Map<String, Object> named);
    }

    /** What {@code namespace()} makes: the only object with attributes that can be set. */
    record Namespace(Map<String, Object> attributes) {}

    /** A tuple, which differs from a list in how it prints. */
    static final class Tuple extends ArrayList<Object> {
        private static final long serialVersionUID = 1L;

        Tuple(List<?> items) {
            super(items);
        }
    }

    static boolean truth(Object value) {
        if (value instanceof Boolean b) {
            return b;
        }
        if (value instanceof Number n) {
            return n.doubleValue() != 0;
        }
        if (value instanceof String s) {
            return !s.isEmpty();
        }
        if (value instanceof List<?> list) {
            return !list.isEmpty();
        }
        if (value instanceof Map<?, ?> map) {
            return !map.isEmpty();
        }
        return !(value instanceof Missing);
    }

    static boolean isNumber(Object value) {
        return value instanceof Number || value instanceof Boolean;
    }

    static double number(Object value) {
        if (value instanceof Boolean b) {
            return b ? 1 : 0;
        }
        if (value instanceof Number n) {
            return n.doubleValue();
        }
        throw new JinjaException("a number is needed, not " + type(value));
    }

    static long integer(Object value) {
        if (value instanceof Boolean b) {
            return b ? 1 : 0;
        }
        if (value instanceof Long n) {
            return n;
        }
        throw new JinjaException("a whole number is needed, not " + type(value));
    }

    static boolean areIntegers(Object a, Object b) {
        return isNumber(a) && isNumber(b) && !(a instanceof Double) && !(b instanceof Double);
    }

    /**
     * A value as a key of a dict.
     *
     * @throws JinjaException for what Python cannot hash
     */
    static Object key(Object value) {
        boolean isFlat = !(value instanceof Tuple tuple) || tuple.stream().noneMatch(Values::isContainer);
        if ((isContainer(value) && !(value instanceof Tuple)) || !isFlat) {
            throw new JinjaException(type(value) + " cannot be a key");
        }
        return value;
    }

    private static final long ITEM = 4L * Budget.STEP; // of a list, as Budget has it
    private static final @Nullable String[] CHARACTERS = new String[1 << 16]; // made when they are asked for

    private static boolean isContainer(Object value) {
        return value instanceof List || value instanceof Map || value instanceof Namespace;
    }

    static boolean equal(Object a, Object b) {
        Budget.spend(Budget.STEP);
        if (isNumber(a) && isNumber(b)) {
            return areIntegers(a, b) ? integer(a) == integer(b) : number(a) == number(b);
        }
        if (a instanceof List<?> x && b instanceof List<?> y) {
            if (x.size() != y.size() || (a instanceof Tuple) != (b instanceof Tuple)) {
                return false;
            }
            for (int i = 0; i < x.size(); i++) {
                if (!equal(x.get(i), y.get(i))) {
                    return false;
                }
            }
            return true;
        }
        if (a instanceof Map<?, ?> x && b instanceof Map<?, ?> y) {
            return x.size() == y.size()
                    && x.entrySet().stream()
                            .allMatch(e -> y.containsKey(e.getKey()) && equal(e.getValue(), y.get(e.getKey())));
        }
        if (a instanceof String x && b instanceof String y && x.length() == y.length()) {
            Budget.spend(x.length());
        }
        return a.equals(b);
    }

    static int compare(Object a, Object b) {
        if (isNumber(a) && isNumber(b)) {
            return areIntegers(a, b) ? Long.compare(integer(a), integer(b)) : Double.compare(number(a), number(b));
        }
        if (a instanceof String x && b instanceof String y) {
            Budget.spend(Math.min(x.length(), y.length()));
            return x.compareTo(y);
        }
        throw new JinjaException("cannot compare " + type(a) + " with " + type(b));
    }

    static boolean contains(Object container, Object item) {
        if (container instanceof String text) {
            if (item instanceof String part) {
                return Search.first(text, part, 0) >= 0;
            }
            throw new JinjaException("'in <string>' needs a string, not " + type(item));
        }
        if (container instanceof Map<?, ?> map) {
            return map.containsKey(key(item));
        }
        return items(container).stream().anyMatch(each -> equal(each, item));
    }

    /** What a loop over the value sees. */
    static List<Object> items(Object value) {
        List<Object> result = new ArrayList<>();
        Budget.spend(cost(value));
        if (value instanceof List<?> list) {
            result.addAll(list);
        } else if (value instanceof Map<?, ?> map) {
            result.addAll(map.keySet());
        } else if (value instanceof String text) {
            text.codePoints().forEach(c -> result.add(character(c)));
        } else if (value != Missing.UNDEFINED) {
            throw new JinjaException(type(value) + " cannot be iterated");
        }
        return result;
    }

    private static long cost(Object value) {
        return value instanceof List<?> list
                ? list.size()
                : value instanceof Map<?, ?> map ? map.size() : value instanceof String text ? ITEM * text.length() : 0;
    }

    /** A text of one character; most characters have theirs once. */
    static String character(int c) {
        if (c >= CHARACTERS.length) {
            return Character.toString(c);
        }
        String text = CHARACTERS[c];
        if (text == null) {
            text = Character.toString(c);
            CHARACTERS[c] = text;
        }
        return text;
    }

    static long length(Object value) {
        return value instanceof String text
                ? text.codePointCount(0, text.length())
                : items(value).size();
    }

    static String text(Object value) {
        return value == Missing.UNDEFINED ? "" : value instanceof String s ? s : repr(value);
    }

    static String repr(Object value) {
        Budget.spend(Budget.STEP);
        if (value instanceof Boolean b) {
            return b ? "True" : "False";
        }
        if (value instanceof Double d) {
            return floatText(d);
        }
        if (value instanceof String s) {
            return quoted(s);
        }
        if (value == Missing.NONE) {
            return "None";
        }
        if (value == Missing.UNDEFINED) {
            return "Undefined";
        }
        StringBuilder out = new StringBuilder();
        if (value instanceof List<?> list) {
            boolean tuple = value instanceof Tuple;
            out.append(tuple ? '(' : '[');
            for (Iterator<?> it = list.iterator(); it.hasNext(); ) {
                Budget.append(out, repr(it.next()));
                out.append(it.hasNext() ? ", " : "");
            }
            return out.append(tuple ? (list.size() == 1 ? ",)" : ")") : "]").toString();
        }
        if (value instanceof Map<?, ?> map) {
            out.append('{');
            map.forEach((key, item) -> {
                Budget.append(out.append(out.length() > 1 ? ", " : ""), repr(key));
                Budget.append(out.append(": "), repr(item));
            });
            return out.append('}').toString();
        }
        return value instanceof Number ? value.toString() : "<" + type(value) + ">"; // a namespace, a macro, a function
    }

    private static String quoted(String text) {
        char quote = text.contains("'") && !text.contains("\"") ? '"' : '\'';
        Budget.spendText(text.length());
        StringBuilder out = new StringBuilder().append(quote);
        for (char c : text.toCharArray()) {
            switch (c) {
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < ' ' || c == 0x7F) {
                        out.append(String.format("\\x%02x", (int) c));
                    } else {
                        out.append(c == quote ? "\\" : "").append(c);
                    }
                }
            }
        }
        return out.append(quote).toString();
    }

    /** As Python's repr: 1.0, 0.1, 1e-05, 1e+16. */
    static String floatText(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        double magnitude = Math.abs(value);
        String java = Double.toString(value);
        if (magnitude == 0 || (magnitude >= 1e-4 && magnitude < 1e16)) {
            if (!java.contains("E")) {
                return java;
            }
            String plain = new BigDecimal(java).toPlainString();
            return plain.contains(".") ? plain : plain + ".0";
        }
        int e = java.indexOf('E');
        String mantissa = java.substring(0, e).replaceAll("\\.0$", "");
        int exponent = Integer.parseInt(java.substring(e + 1));
        return mantissa + (exponent < 0 ? "e-" : "e+") + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
    }

    static String type(Object value) {
        if (value == Missing.NONE) {
            return "None";
        }
        if (value == Missing.UNDEFINED) {
            return "an undefined value";
        }
        return value instanceof String
                ? "a string"
                : isNumber(value)
                        ? "a number"
                        : value instanceof Map ? "a dict" : value instanceof List ? "a list" : "an object";
    }

    /** A value of plain Java (as Jackson or a caller gives it) in the types used here; null becomes None. */
    static Object of(@Nullable Object value) {
        if (value == null) {
            return Missing.NONE;
        }
        if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return ((Number) value).longValue();
        }
        if (value instanceof Float f) {
            return f.doubleValue();
        }
        if (value instanceof List<?> list) {
            List<Object> result = new ArrayList<>();
            list.forEach(item -> result.add(of(item)));
            return result;
        }
        if (value instanceof Map<?, ?> map) {
            Map<Object, Object> result = new LinkedHashMap<>();
            map.forEach((key, item) -> result.put(key, of(item)));
            return result;
        }
        return value;
    }
}
