package io.github.rlhf4j.datasets.training;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.datasets.chat.AssistantMask;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import io.github.rlhf4j.datasets.chat.ChatTemplate;
import io.github.rlhf4j.datasets.tokens.ChatEncoder;
import java.util.Arrays;
import java.util.List;

/** Conversations as tokens by the chat template of a model's folder. */
public final class TemplateChatEncoder implements ChatEncoder {
    private final Tokenizer tokenizer;
    private final ChatTemplate template;

    public TemplateChatEncoder(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
        this.template = ChatTemplate.of(tokenizer);
    }

    @Override
    public EncodedChat encode(List<ChatMessage> messages, boolean addGenerationPrompt, boolean splitSpecialTokens) {
        if (splitSpecialTokens) {
            messages.forEach(this::checkPlain);
        }
        if (addGenerationPrompt) {
            int[] ids = tokenizer.encode(template.render(messages, true), false);
            return new EncodedChat(ids, new boolean[ids.length]);
        }
        AssistantMask mask = AssistantMask.of(messages, template, tokenizer);
        return new EncodedChat(mask.ids(), mask.isAssistant());
    }

    /** Inside a rendered template the text of a special token cannot be told from the template's own. */
    private void checkPlain(ChatMessage message) {
        int[] asTokens = tokenizer.encode(message.content(), false, false);
        int[] asText = tokenizer.encode(message.content(), false, true);
        if (!Arrays.equals(asTokens, asText)) {
            throw new UserError(
                    "split_special_tokens: true is for texts, but a chat message contains the text of a special token: \""
                            + message.content()
                            + "\"; take the token out of the message, or use split_special_tokens: false");
        }
    }
}
