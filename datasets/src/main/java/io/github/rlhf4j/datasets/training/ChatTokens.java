package io.github.rlhf4j.datasets.training;

import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import io.github.rlhf4j.datasets.tokens.ChatEncoder;
import io.github.rlhf4j.datasets.tokens.TemplateChatEncoder;
import java.util.List;

/** Chat messages as tokens, by a model's chat template. */
public final class ChatTokens {
    private final ChatEncoder encoder;

    private ChatTokens(ChatEncoder encoder) {
        this.encoder = encoder;
    }

    /** By the template of a model's folder; where it has none, messages are a {@link io.github.rlhf4j.core.UserError} that says so. */
    public static ChatTokens of(Tokenizer tokenizer) {
        return new ChatTokens(TemplateChatEncoder.of(tokenizer));
    }

    /**
     * Tokens of a conversation that the assistant answers next.
     *
     * @param splitSpecialTokens reads the text of special tokens inside messages as text
     */
    public int[] prompt(List<ChatMessage> messages, boolean splitSpecialTokens) {
        return encoder.encode(messages, true, splitSpecialTokens).ids();
    }

    /** Tokens of a whole conversation, no generation prompt. */
    public int[] conversation(List<ChatMessage> messages) {
        return encoder.encode(messages, false, false).ids();
    }
}
