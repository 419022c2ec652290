package io.github.rlhf4j.datasets.training;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.MessageTokens;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import io.github.rlhf4j.datasets.tokens.ChatEncoder;
import java.util.ArrayList;
import java.util.List;

/** Chat messages as tokens, by a model's chat template. */
public final class ChatTokens implements MessageTokens {
    private final ChatEncoder encoder;

    private ChatTokens(ChatEncoder encoder) {
        this.encoder = encoder;
    }

    /** By the template of a model's folder; where it has none, messages are a {@link UserError} that says so. */
    public static ChatTokens of(Tokenizer tokenizer) {
        return new ChatTokens(
                tokenizer.chatTemplate().isPresent() ? new TemplateChatEncoder(tokenizer) : ChatEncoder.NONE);
    }

    /**
     * Tokens of a conversation that the assistant answers next.
     *
     * @param splitSpecialTokens reads the text of special tokens inside messages as text
     */
    public int[] prompt(List<ChatMessage> messages, boolean splitSpecialTokens) {
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
