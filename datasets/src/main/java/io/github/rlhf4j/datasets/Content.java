package io.github.rlhf4j.datasets;

import io.github.rlhf4j.datasets.chat.ChatMessage;
import java.util.List;

/** What a prompt or a response consists of: plain text, or the messages of a chat. */
public sealed interface Content {
    /** Plain text, taken as it is. */
    static Content of(String text) {
        return new Text(text);
    }

    /** Messages of a chat, oldest first. */
    static Content of(List<ChatMessage> messages) {
        return new Messages(messages);
    }

    /** Whether there is nothing in it: no character other than white space. */
    boolean isBlank();

    /** One string that is equal for equal contents and different for different ones; plain text is its own key. */
    String key();

    /** Plain text; may be empty. */
    record Text(String text) implements Content {
        @Override
        public boolean isBlank() {
            return text.isBlank();
        }

        @Override
        public String key() {
            return text;
        }
    }

    /** Messages of a chat, oldest first; may be none. */
    record Messages(List<ChatMessage> messages) implements Content {
        public Messages {
            messages = List.copyOf(messages);
        }

        @Override
        public boolean isBlank() {
            return messages.stream().allMatch(message -> message.content().isBlank());
        }

        @Override
        public String key() {
            StringBuilder key = new StringBuilder();
            for (ChatMessage message : messages) {
                key.append('\u0001').append(message.role()).append('\u0002').append(message.content());
            }
            return key.toString();
        }
    }
}
