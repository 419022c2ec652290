package io.github.rlhf4j.datasets.tokens;

import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.datasets.chat.AssistantMask;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import io.github.rlhf4j.datasets.chat.ChatTemplate;
import java.util.List;

/** Conversations as tokens by the chat template of a model's folder. */
public final class TemplateChatEncoder implements ChatEncoder {
    private final Tokenizer tokenizer;
    private final ChatTemplate template;

    public TemplateChatEncoder(Tokenizer tokenizer) {
        this(tokenizer, ChatTemplate.of(tokenizer));
    }

    TemplateChatEncoder(Tokenizer tokenizer, ChatTemplate template) {
        this.tokenizer = tokenizer;
        this.template = template;
    }

    /** That of a model's folder; {@link ChatEncoder#NONE} where it has no template. */
    public static ChatEncoder of(Tokenizer tokenizer) {
        return tokenizer.chatTemplate().isPresent() ? new TemplateChatEncoder(tokenizer) : ChatEncoder.NONE;
    }

    @Override
    public EncodedChat encode(List<ChatMessage> messages, boolean addGenerationPrompt, boolean splitSpecialTokens) {
        List<ChatMessage> read = splitSpecialTokens ? marked(messages) : messages;
        boolean marked = !read.equals(messages);
        if (addGenerationPrompt) {
            int[] ids = tokenizer
                    .encodeWithSpans(template.render(read, true), marked)
                    .ids();
            return new EncodedChat(ids, new boolean[ids.length]);
        }
        AssistantMask mask = AssistantMask.of(read, template, tokenizer, marked);
        return new EncodedChat(mask.ids(), mask.isAssistant());
    }

    private List<ChatMessage> marked(List<ChatMessage> messages) {
        return messages.stream()
                .map(message -> new ChatMessage(
                        tokenizer.markSpecialTokens(message.role()), tokenizer.markSpecialTokens(message.content())))
                .toList();
    }
}
