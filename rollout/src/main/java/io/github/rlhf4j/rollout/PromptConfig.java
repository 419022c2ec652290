package io.github.rlhf4j.rollout;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.core.stage.StructuredOutputsConfig;
import io.github.rlhf4j.datasets.tokens.ChatTemplateUse;
import io.github.rlhf4j.datasets.tokens.TokenizingOptions;
import io.github.rlhf4j.datasets.tokens.TruncationMode;
import java.util.Optional;

/**
 * How prompts are read, and what the responses to them are held to.
 *
 * @param maxPromptLength longest prompt in tokens; longer ones lose tokens on the left; 0: what leaves room for the response
 * @param splitSpecialTokens whether the text of a special token in the data stays text
 * @param applyChatTemplate whether plain prompts go through the model's chat template; absent: they do not
 * @param structuredOutputs what responses are held to; absent: nothing
 */
public record PromptConfig(
        int maxPromptLength,
        boolean splitSpecialTokens,
        Optional<Boolean> applyChatTemplate,
        Optional<StructuredOutputsConfig> structuredOutputs)
        implements ConfigGroup {
    /** The defaults of all stages that sample responses. */
    public static final PromptConfig DEFAULT = new PromptConfig(0, false, Optional.empty());

    public PromptConfig {
        checkConfig(
                maxPromptLength == 0 || maxPromptLength >= 2,
                "max_prompt_length",
                maxPromptLength,
                "must be >= 2, or 0 for what leaves room for the response");
    }

    /** Responses of any kind. */
    public PromptConfig(int maxPromptLength, boolean splitSpecialTokens, Optional<Boolean> applyChatTemplate) {
        this(maxPromptLength, splitSpecialTokens, applyChatTemplate, Optional.empty());
    }

    /**
     * The longest prompt in tokens.
     *
     * @param positions the model's context
     * @param responseKey what the stage calls the longest response
     * @throws UserError when it and the response do not fit there
     */
    public int longest(int positions, String responseKey, int response) {
        int room = positions - response;
        if (room < 2 || maxPromptLength > room) {
            throw new UserError(responseKey + " " + response + " and max_prompt_length " + maxPromptLength
                    + " must fit the model's context of " + positions + " tokens");
        }
        return maxPromptLength == 0 ? room : maxPromptLength;
    }

    /** How rows become tokens, {@code longest} of them at most. */
    public TokenizingOptions tokenizing(int longest) {
        return new TokenizingOptions(
                longest,
                TruncationMode.PROMPT_LEFT,
                splitSpecialTokens,
                true,
                false,
                ChatTemplateUse.of(applyChatTemplate, ChatTemplateUse.OFF_UNASKED));
    }
}
