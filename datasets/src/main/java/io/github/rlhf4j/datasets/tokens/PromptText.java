package io.github.rlhf4j.datasets.tokens;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A prompt as its row has it.
 *
 * @param content text, or messages
 * @param asMessage whether a plain text is a user's message: the stage's {@code apply_chat_template}
 */
public record PromptText(Content content, boolean asMessage) {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** As JSON. */
    String toJson() {
        ObjectNode node = MAPPER.createObjectNode();
        if (content instanceof Content.Messages messages) {
            ArrayNode list = node.putArray("messages");
            messages.messages()
                    .forEach(message -> list.addArray().add(message.role()).add(message.content()));
        } else {
            node.put("text", ((Content.Text) content).text()).put("as_message", asMessage);
        }
        return node.toString();
    }

    /** Reads {@link #toJson} back. */
    static PromptText fromJson(String json) {
        try {
            JsonNode node = MAPPER.readTree(json);
            if (!node.has("messages")) {
                return new PromptText(
                        Content.of(node.get("text").textValue()),
                        node.get("as_message").booleanValue());
            }
            List<ChatMessage> messages = new ArrayList<>();
            for (JsonNode message : node.get("messages")) {
                messages.add(new ChatMessage(
                        message.get(0).textValue(), message.get(1).textValue()));
            }
            return new PromptText(Content.of(messages), false);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
