package io.github.rlhf4j.jinja;

import io.github.rlhf4j.jinja.Values.Missing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Python's {@code json.dumps(value, ensure_ascii=False, indent=, separators=, sort_keys=)}. */
final class Json {
    private final int indent; // spaces a level; -1: one line
    private final String itemSeparator;
    private final String keySeparator;
    private final boolean sortKeys;
    private final boolean asciiOnly;
    private final StringBuilder out = new StringBuilder();

    private Json(int indent, String itemSeparator, String keySeparator, boolean sortKeys, boolean asciiOnly) {
        this.indent = indent;
        this.itemSeparator = itemSeparator;
        this.keySeparator = keySeparator;
        this.sortKeys = sortKeys;
        this.asciiOnly = asciiOnly;
    }

    /** transformers' filter: {@code tojson(ensure_ascii=False, indent=None, separators=None, sort_keys=False)}. */
    static String write(Object value, List<Object> arguments, Map<String, Object> named) {
        Object ascii = argument(arguments, named, 0, "ensure_ascii", false);
        Object indent = argument(arguments, named, 1, "indent", Missing.NONE);
        Object separators = argument(arguments, named, 2, "separators", Missing.NONE);
        Object sort = argument(arguments, named, 3, "sort_keys", false);
        int width =
                indent == Missing.NONE ? -1 : (int) Math.max(0, Math.min(Integer.MAX_VALUE, Values.integer(indent)));
        String item = width >= 0 ? "," : ", ";
        String key = ": ";
        if (separators instanceof List<?> pair) {
            item = Values.text(pair.get(0));
            key = Values.text(pair.get(1));
        }
        Json json = new Json(width, item, key, Values.truth(sort), Values.truth(ascii));
        json.value(value, 1);
        return json.out.toString();
    }

    private static Object argument(
            List<Object> arguments, Map<String, Object> named, int position, String name, Object defaultValue) {
        return position < arguments.size() ? arguments.get(position) : named.getOrDefault(name, defaultValue);
    }

    private void value(Object value, int level) {
        Budget.spend(Budget.STEP);
        if (value instanceof String text) {
            string(text);
        } else if (value instanceof Boolean b) {
            out.append(b ? "true" : "false");
        } else if (value == Missing.NONE) {
            out.append("null");
        } else if (value instanceof Double d) {
            out.append(d.isNaN() ? "NaN" : d.isInfinite() ? (d > 0 ? "Infinity" : "-Infinity") : Values.floatText(d));
        } else if (value instanceof Number n) {
            out.append(n);
        } else if (value instanceof List<?> list) {
            list(list, level);
        } else if (value instanceof Map<?, ?> map) {
            map(map, level);
        } else {
            throw new JinjaException(Values.type(value) + " is not JSON serializable");
        }
    }

    private void list(List<?> list, int level) {
        out.append('[');
        for (int i = 0; i < list.size(); i++) {
            out.append(i > 0 ? itemSeparator : "");
            line(level);
            value(list.get(i), level + 1);
        }
        close(list.isEmpty(), level, ']');
    }

    private void map(Map<?, ?> map, int level) {
        out.append('{');
        List<Object> keys = new ArrayList<>(map.keySet());
        if (sortKeys) {
            keys.sort(Values::compare);
        }
        boolean first = true;
        for (Object key : keys) {
            out.append(first ? "" : itemSeparator);
            first = false;
            line(level);
            string(Values.text(key));
            out.append(keySeparator);
            value(Values.of(map.get(key)), level + 1);
        }
        close(keys.isEmpty(), level, '}');
    }

    private void line(int level) {
        if (indent >= 0) {
            Budget.spendText((long) indent * level);
            out.append('\n').append(" ".repeat(indent * level));
        }
    }

    private void close(boolean empty, int level, char bracket) {
        if (!empty) {
            line(level - 1);
        }
        out.append(bracket);
    }

    private void string(String text) {
        Budget.spend(text.length());
        out.append('"');
        for (char c : text.toCharArray()) {
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < ' ' || (asciiOnly && c > '~')) {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
