package io.github.rlhf4j.datasets.chat;

/**
 * One turn of a conversation.
 *
 * @param role who speaks: {@code system}, {@code user}, {@code assistant} or another role that the chat template knows; not empty
 * @param content what is said; may be empty
 */
public record ChatMessage(String role, String content) {
    public ChatMessage {
        if (role.isEmpty()) {
            throw new IllegalArgumentException("role must not be empty");
        }
    }

    /** Whether the model says it. */
    public boolean isAssistant() {
        return role.equals("assistant");
    }
}
