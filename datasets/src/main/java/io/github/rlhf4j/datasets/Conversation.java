package io.github.rlhf4j.datasets;

import io.github.rlhf4j.datasets.chat.ChatMessage;
import java.util.List;

/**
 * A chat of several turns, to learn the assistant's.
 *
 * @param messages oldest first, at least one
 */
public record Conversation(List<ChatMessage> messages, RowTags tags) implements DataRecord {
    public Conversation {
        messages = List.copyOf(messages);
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("messages must not be empty");
        }
    }

    public Conversation(List<ChatMessage> messages) {
        this(messages, RowTags.NONE);
    }

    @Override
    public Conversation withTags(RowTags newTags) {
        return new Conversation(messages, newTags);
    }

    @Override
    public RecordKind kind() {
        return RecordKind.CONVERSATION;
    }

    /** The messages before the last one of the assistant; all of them where there is none. */
    public List<ChatMessage> promptMessages() {
        for (int i = messages.size() - 1; i >= 0; i--) {
            if (messages.get(i).role().equals("assistant")) {
                return messages.subList(0, i);
            }
        }
        return messages;
    }

    @Override
    public boolean isConversational() {
        return true;
    }

    @Override
    public String promptKey() {
        return Content.of(promptMessages()).key();
    }
}
