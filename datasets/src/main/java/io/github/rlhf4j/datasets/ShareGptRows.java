package io.github.rlhf4j.datasets;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.datasets.io.Row;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Rows as ShareGPT has them: {@code conversations} of {@code {from, value}}, perhaps with a {@code system} text before them; in LLaMA-Factory's preference data with {@code chosen} and
 * {@code rejected}, one message each, that follow.
 */
final class ShareGptRows {
    private static final String CONVERSATIONS = "conversations";
    private static final Map<String, String> ROLES = Map.ofEntries(
            Map.entry("human", "user"),
            Map.entry("user", "user"),
            Map.entry("gpt", "assistant"),
            Map.entry("assistant", "assistant"),
            Map.entry("chatgpt", "assistant"),
            Map.entry("bing", "assistant"),
            Map.entry("bard", "assistant"),
            Map.entry("model", "assistant"),
            Map.entry("function_call", "assistant"),
            Map.entry("system", "system"),
            Map.entry("tool", "tool"),
            Map.entry("observation", "tool"),
            Map.entry("function_response", "tool"));

    private ShareGptRows() {}

    static boolean isConversation(Set<String> found) {
        return found.contains(CONVERSATIONS) && !found.contains("messages") && !found.contains("prompt");
    }

    static boolean isPair(Set<String> found) {
        return isConversation(found) && found.containsAll(Set.of("chosen", "rejected"));
    }

    /** The row as messages, or as prompt, chosen and rejected. */
    static ObjectNode standard(Row row) {
        ObjectNode standard = KnownLayout.tags(row);
        JsonNode conversations = row.columns().path(CONVERSATIONS);
        if (!conversations.isArray()) {
            throw RowParser.wrong(
                    row,
                    "\"conversations\" must be a list of messages such as {\"from\": \"human\", \"value\": \"...\"}, but is "
                            + RowParser.quoted(conversations));
        }
        ArrayNode messages = JsonNodeFactory.instance.arrayNode();
        JsonNode system = row.columns().path("system");
        if (system.isTextual() && !system.textValue().isBlank()) {
            messages.addObject().put("role", "system").set("content", system);
        }
        conversations.forEach(messages::add);
        boolean isPair = row.columns().has("chosen") && row.columns().has("rejected");
        standard.set(isPair ? "prompt" : "messages", messages);
        if (isPair) {
            standard.set("chosen", row.columns().get("chosen"));
            standard.set("rejected", row.columns().get("rejected"));
        }
        return standard;
    }

    /** Our role for the one who speaks; empty where it is not known. */
    static Optional<String> role(String from) {
        return Optional.ofNullable(ROLES.get(from));
    }

    /** Names of those who may speak, for messages. */
    static Set<String> names() {
        return new TreeSet<>(ROLES.keySet());
    }
}
