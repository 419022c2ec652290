package io.github.rlhf4j.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.web.lines.GrowingLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;

/** Trees of JSON. */
public final class Json {
    /** Writes and reads. */
    public static final ObjectMapper MAPPER = new ObjectMapper();

    private Json() {}

    /** An object without members. */
    public static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** A list without elements. */
    public static ArrayNode array() {
        return JsonNodeFactory.instance.arrayNode();
    }

    /** A list of texts. */
    public static ArrayNode texts(Collection<String> texts) {
        ArrayNode array = array();
        texts.forEach(array::add);
        return array;
    }

    /** A file; missing where it is not there, or no JSON. */
    public static JsonNode read(Path file) {
        try {
            return Files.isRegularFile(file) ? MAPPER.readTree(file.toFile()) : MissingNode.getInstance();
        } catch (IOException e) {
            return MissingNode.getInstance();
        }
    }

    /** What a file of JSON lines has, so many at most; lines that are no JSON, or not whole yet, are left out. None where there is no file. */
    public static ArrayNode lines(Path file, int most) {
        ArrayNode lines = array();
        new GrowingLines(file).read(new GrowingLines.Reader() {
            @Override
            public void restart() {
                lines.removeAll();
            }

            @Override
            public void line(byte[] bytes, int from, int to, long offset) {
                try {
                    if (lines.size() < most) {
                        lines.add(MAPPER.readTree(bytes, from, to - from));
                    }
                } catch (IOException e) {
                    // no line of ours
                }
            }
        });
        return lines;
    }
}
