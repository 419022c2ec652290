package io.github.rlhf4j.datasets.tokens;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import java.util.List;

/** A conversation as tokens, by the model's chat template. */
public interface ChatEncoder {
    /** What is wrong with chat messages for a model without a template. */
    String NO_TEMPLATE =
            "the data are chat messages, but the model has no chat template: add chat_template.jinja to the "
                    + "model's folder, or take data with texts as prompt and completion";

    /** For a model without a template: chat messages are an error. */
    ChatEncoder NONE = (messages, addGenerationPrompt, splitSpecialTokens) -> {
        throw new UserError(NO_TEMPLATE);
    };

    /**
     * Renders and tokenises.
     *
     * @param addGenerationPrompt ends with what begins the assistant's answer
     * @param splitSpecialTokens reads the text of special tokens inside the messages' contents as text; the template's own stay tokens
     */
    EncodedChat encode(List<ChatMessage> messages, boolean addGenerationPrompt, boolean splitSpecialTokens);

    /**
     * The tokens.
     *
     * @param ids (T) tokens, with the BOS that the template writes and no other
     * @param isAssistant (T) whether a token is of an assistant's turn, its end token included
     */
    record EncodedChat(int[] ids, boolean[] isAssistant) {}
}
