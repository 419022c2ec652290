package io.github.rlhf4j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.MessageTokens;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import io.github.rlhf4j.datasets.tokens.ChatEncoder;
import java.util.ArrayList;
import java.util.List;

/** Chat messages as tokens, by the model's template. */
final class ChatTokens implements MessageTokens {
    private final ChatEncoder encoder;

    ChatTokens(ChatEncoder encoder) {
        this.encoder = encoder;
    }

    /** Tokens of a conversation that the assistant shall go on with. */
    int[] prompt(List<ChatMessage> messages, boolean splitSpecialTokens) {
        return encoder.encode(messages, true, splitSpecialTokens).ids();
    }

    @Override
    public int[] encode(JsonNode messages) {
        if (!messages.isArray() || messages.isEmpty()) {
            throw new UserError("messages must be a list of {\"role\":, \"content\":}, but is " + messages);
        }
        List<ChatMessage> list = new ArrayList<>();
        for (JsonNode message : messages) {
            if (!message.path("role").isTextual() || !message.path("content").isTextual()) {
                throw new UserError("a message must be {\"role\":, \"content\":}, but is " + message);
            }
            list.add(new ChatMessage(
                    message.get("role").textValue(), message.get("content").textValue()));
        }
        return encoder.encode(list, false, false).ids();
    }
}
