package io.github.rlhf4j.plan;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a plan says: lines for a reader, and the same as JSON. */
final class Page {
    private final List<String> lines = new ArrayList<>();
    private final ObjectNode json = JsonNodeFactory.instance.objectNode();

    /** A line with a name in front; the name may be empty. */
    void line(String name, String format, Object... values) {
        String text = values.length == 0 ? format : String.format(Locale.ROOT, format, values);
        lines.add(String.format(Locale.ROOT, "%-20s %s", name, text).stripTrailing());
    }

    ObjectNode json() {
        return json;
    }

    ObjectNode object(String name) {
        return json.withObject("/" + name);
    }

    List<String> lines() {
        return List.copyOf(lines);
    }
}
