package io.github.rlhf4j.serve;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A call of a tool.
 *
 * @param arguments an object of JSON, as a text
 */
record ToolCall(String name, String arguments) {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int MISTRALS = 9; // characters of an id that Mistral's templates take

    /** A new id for a call. */
    static String newId(ToolFormat format) {
        String random = UUID.randomUUID().toString().replace("-", "");
        return format == ToolFormat.MISTRAL ? random.substring(0, MISTRALS) : "call_" + random.substring(0, 24);
    }

    /** The calls in a text: objects, lists of them, several one after the other, with semicolons between them as Llama writes them. Empty where the text is anything else. */
    static List<ToolCall> parse(String text) {
        List<ToolCall> calls = new ArrayList<>();
        String rest = text.strip();
        try {
            while (!rest.isEmpty()) {
                try (JsonParser parser = MAPPER.createParser(rest)) {
                    JsonNode value = MAPPER.readTree(parser);
                    if (value == null || !add(calls, value)) {
                        return List.of();
                    }
                    rest = rest.substring((int) parser.currentLocation().getCharOffset())
                            .strip();
                }
                rest = rest.startsWith(";") ? rest.substring(1).strip() : rest;
            }
        } catch (IOException e) {
            return List.of();
        }
        return calls;
    }

    private static boolean add(List<ToolCall> calls, JsonNode value) throws JsonProcessingException {
        if (value.isArray()) {
            for (JsonNode one : value) {
                if (!add(calls, one)) {
                    return false;
                }
            }
            return true;
        }
        JsonNode arguments = value.has("arguments") ? value.get("arguments") : value.path("parameters");
        if (arguments.isTextual()) {
            arguments = MAPPER.readTree(arguments.textValue());
        }
        if (!value.path("name").isTextual() || !(arguments.isObject() || arguments.isMissingNode())) {
            return false;
        }
        String written = arguments.isMissingNode() ? "{}" : arguments.toString();
        return calls.add(new ToolCall(value.get("name").textValue(), written));
    }
}
