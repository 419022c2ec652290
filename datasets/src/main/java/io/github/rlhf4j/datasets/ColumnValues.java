package io.github.rlhf4j.datasets;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The values of kept columns: texts, {@code Long}, {@code Double}, {@code Boolean}, lists and maps, and the same as JSON. */
public final class ColumnValues {
    private ColumnValues() {}

    /** As JSON, sorted by name. */
    public static String toJson(Map<String, Object> columns) {
        try {
            return RecordJson.MAPPER.writeValueAsString(node(columns));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads {@link #toJson} back. */
    public static Map<String, Object> fromJson(String json) {
        try {
            return map(RecordJson.MAPPER.readTree(json));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    static ObjectNode node(Map<String, Object> columns) {
        return RecordJson.MAPPER.valueToTree(columns);
    }

    static Map<String, Object> map(JsonNode object) {
        Map<String, Object> map = new TreeMap<>();
        object.properties().forEach(entry -> {
            if (!entry.getValue().isNull()) {
                map.put(entry.getKey(), of(entry.getValue()));
            }
        });
        return Collections.unmodifiableMap(map);
    }

    /** The value; a null in a list is the text "null". */
    static Object of(JsonNode value) {
        if (value.isObject()) {
            return map(value);
        }
        if (value.isArray()) {
            List<Object> list = new ArrayList<>();
            value.forEach(part -> list.add(of(part)));
            return Collections.unmodifiableList(list);
        }
        if (value.isBoolean()) {
            return value.booleanValue();
        }
        if (value.isIntegralNumber() && value.canConvertToLong()) {
            return value.longValue();
        }
        return value.isNumber() ? (Object) value.doubleValue() : value.asText();
    }
}
