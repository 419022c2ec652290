package io.github.rlhf4j.datasets.tokens;

import io.github.rlhf4j.core.UserError;

/**
 * How records become tokens; the keys of a stage's configuration.
 *
 * @param maxLength {@code max_length}: tokens of prompt and response with BOS and end token, >= 2; of a prompt alone where there is no response
 * @param truncationMode {@code truncation_mode}
 * @param splitSpecialTokens {@code split_special_tokens}: true reads the text of a special token in the data as text
 * @param completionOnlyLoss {@code completion_only_loss}: of a prompt with completion only the completion is a target
 * @param assistantOnlyLoss {@code assistant_only_loss}: of a conversation only the assistant's turns with their end tokens are targets
 * @param chatTemplate {@code apply_chat_template}: whether prompts of plain text become a user's message and their responses the assistant's
 */
public record TokenizingOptions(
        int maxLength,
        TruncationMode truncationMode,
        boolean splitSpecialTokens,
        boolean completionOnlyLoss,
        boolean assistantOnlyLoss,
        ChatTemplateUse chatTemplate) {
    public TokenizingOptions {
        if (maxLength < 2) {
            throw new UserError("max_length must be >= 2 tokens, but is " + maxLength);
        }
    }

    /** The defaults with {@code maxLength}: prompt_left, special tokens read as tokens, loss on completions, and on all turns of a conversation. */
    public static TokenizingOptions of(int maxLength) {
        return new TokenizingOptions(maxLength, TruncationMode.PROMPT_LEFT, false, true, false, ChatTemplateUse.OFF);
    }

    /** These with another max_length. */
    public TokenizingOptions withMaxLength(int length) {
        return new TokenizingOptions(
                length, truncationMode, splitSpecialTokens, completionOnlyLoss, assistantOnlyLoss, chatTemplate);
    }

    /** These with another truncation mode. */
    public TokenizingOptions withTruncationMode(TruncationMode mode) {
        return new TokenizingOptions(
                maxLength, mode, splitSpecialTokens, completionOnlyLoss, assistantOnlyLoss, chatTemplate);
    }

    /** These with the loss on the assistant's turns alone, or on all. */
    public TokenizingOptions withAssistantOnlyLoss(boolean assistantOnly) {
        return new TokenizingOptions(
                maxLength, truncationMode, splitSpecialTokens, completionOnlyLoss, assistantOnly, chatTemplate);
    }

    /** These with another use of the chat template. */
    public TokenizingOptions with(ChatTemplateUse use) {
        return new TokenizingOptions(
                maxLength, truncationMode, splitSpecialTokens, completionOnlyLoss, assistantOnlyLoss, use);
    }
}
