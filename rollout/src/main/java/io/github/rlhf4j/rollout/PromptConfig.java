package io.github.rlhf4j.rollout;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import java.util.Optional;

/**
 * How prompts are read.
 *
 * @param maxPromptLength longest prompt in tokens; longer ones lose tokens on the left; 0: what leaves room for the response
 * @param splitSpecialTokens whether the text of a special token in the data stays text
 * @param applyChatTemplate whether plain prompts go through the model's chat template; absent: they do not
 */
public record PromptConfig(int maxPromptLength, boolean splitSpecialTokens, Optional<Boolean> applyChatTemplate)
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
}
