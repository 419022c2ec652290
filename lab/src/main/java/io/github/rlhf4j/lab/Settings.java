package io.github.rlhf4j.lab;

import io.github.rlhf4j.core.UserError;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The settings of a measure, as page.yaml has them. */
public final class Settings {
    private final Map<String, Object> values;

    Settings(Map<String, Object> values) {
        this.values = values;
    }

    private Object value(String name) {
        Object value = values.get(name);
        if (value == null) {
            throw new UserError("the page's settings lack " + name);
        }
        return value;
    }

    /** A number. */
    public double number(String name) {
        return number(name, value(name));
    }

    private static double number(String name, Object value) {
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        throw new UserError("the page's setting " + name + " must be a number, but is " + value);
    }

    /** A whole number. */
    public int count(String name) {
        return (int) number(name);
    }

    /** A text. */
    public String text(String name) {
        return value(name).toString();
    }

    /** Some numbers. */
    public List<Double> numbers(String name) {
        if (value(name) instanceof List<?> list) {
            return list.stream().map(item -> number(name, item)).toList();
        }
        throw new UserError("the page's setting " + name + " must be a list of numbers, but is " + value(name));
    }

    /** Some texts. */
    public List<String> texts(String name) {
        if (value(name) instanceof List<?> list) {
            return list.stream().map(String::valueOf).toList();
        }
        throw new UserError("the page's setting " + name + " must be a list, but is " + value(name));
    }

    /** Values by name. */
    public Map<String, Object> values(String name) {
        if (value(name) instanceof Map<?, ?> map) {
            Map<String, Object> values = new LinkedHashMap<>();
            map.forEach((key, each) -> values.put(String.valueOf(key), each));
            return values;
        }
        throw new UserError("the page's setting " + name + " must be a map, but is " + value(name));
    }
}
