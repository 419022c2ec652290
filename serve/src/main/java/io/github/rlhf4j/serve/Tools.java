package io.github.rlhf4j.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.generation.TokenConstraint;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The tools of a chat request, and whether the model must call them.
 *
 * @param list as it was given; null for none, or where they must not be called
 * @param format how calls are found in the answer
 * @param called the only tool, where {@code tool_choice} names it; empty otherwise
 * @param schema what the answer is held to; null for nothing
 */
record Tools(
        @Nullable JsonNode list,
        ToolFormat format,
        String called,
        @Nullable JsonNode schema) {
    private static final Tools NONE = new Tools(null, ToolFormat.TEXT, "", null);

    /** @param model how the model writes calls by itself */
    static Tools of(Fields fields, ToolFormat model) {
        Optional<JsonNode> list = fields.get("tools").filter(given -> !given.isEmpty());
        JsonNode choice =
                fields.get("tool_choice").orElse(JsonNodeFactory.instance.textNode(list.isPresent() ? "auto" : "none"));
        boolean isSingle = !fields.flag("parallel_tool_calls", true);
        if (choice.isTextual() && choice.textValue().equals("none")) {
            return NONE;
        }
        if (list.isEmpty()) {
            if (choice.isTextual() && choice.textValue().equals("auto")) {
                return NONE;
            }
            throw fields.error("tool_choice", "needs tools");
        }
        Map<String, JsonNode> parameters = parameters(fields, list.get());
        if (choice.isObject()) {
            String name = choice.at("/function/name").asText("");
            JsonNode schema = parameters.get(name);
            if (schema == null) {
                throw fields.error("tool_choice", "must name one of " + parameters.keySet() + ", but is " + choice);
            }
            return new Tools(list.get(), ToolFormat.ARGUMENTS, name, schema);
        }
        return switch (choice.asText("")) {
            case "auto" -> new Tools(list.get(), model, "", null);
            case "required" -> new Tools(list.get(), ToolFormat.LIST, "", calls(fields, parameters, isSingle));
            default ->
                throw fields.error(
                        "tool_choice",
                        "must be none, auto, required or {\"type\": \"function\", \"function\": {\"name\": ...}}, but is "
                                + choice);
        };
    }

    private static Map<String, JsonNode> parameters(Fields fields, JsonNode list) {
        Map<String, JsonNode> parameters = new LinkedHashMap<>();
        for (JsonNode tool : list) {
            JsonNode function = tool.path("function");
            if (!function.path("name").isTextual()) {
                throw fields.error(
                        "tools",
                        "must be a list of {\"type\": \"function\", \"function\": {\"name\": ..., \"parameters\": ...}}");
            }
            JsonNode schema = function.path("parameters");
            parameters.put(
                    function.get("name").textValue(),
                    schema.isObject() && !schema.isEmpty()
                            ? schema
                            : JsonNodeFactory.instance.objectNode().put("type", "object"));
        }
        return parameters;
    }

    /** As vLLM has it: a list of {"name", "parameters"}, with at least one. */
    private static JsonNode calls(Fields fields, Map<String, JsonNode> parameters, boolean isSingle) {
        ObjectNode schema =
                JsonNodeFactory.instance.objectNode().put("type", "array").put("minItems", 1);
        if (isSingle) {
            schema.put("maxItems", 1);
        }
        ObjectNode definitions = JsonNodeFactory.instance.objectNode();
        ArrayNode anyOf = schema.putObject("items").putArray("anyOf");
        parameters.forEach((name, given) -> {
            ObjectNode own = given.deepCopy();
            JsonNode of = own.remove("$defs");
            if (of != null) {
                of.properties().forEach(entry -> {
                    JsonNode before = definitions.replace(entry.getKey(), entry.getValue());
                    if (before != null && !before.equals(entry.getValue())) {
                        throw fields.error("tools", "have two different $defs called " + entry.getKey());
                    }
                });
            }
            ObjectNode call = anyOf.addObject().put("type", "object");
            ObjectNode properties = call.putObject("properties");
            properties.putObject("name").putArray("enum").add(name);
            properties.set("parameters", own);
            call.putArray("required").add("name").add("parameters");
            call.put("additionalProperties", false);
        });
        if (!definitions.isEmpty()) {
            schema.set("$defs", definitions);
        }
        return schema;
    }

    /** Whether the answer is held to calls: it is one then, even where the template does not tell the model of its tools. */
    boolean isForced() {
        return schema != null;
    }

    /** What the answer is held to. */
    TokenConstraint constraint(Fields fields, Structures structures, TokenConstraint asked) {
        if (schema == null) {
            return asked;
        }
        if (asked != TokenConstraint.NONE) {
            throw fields.error("tool_choice", "cannot be given with response_format or structured_outputs");
        }
        return structures.ofSchema("tools", schema);
    }
}
