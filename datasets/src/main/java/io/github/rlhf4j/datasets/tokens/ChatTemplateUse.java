package io.github.rlhf4j.datasets.tokens;

import java.util.Optional;

/** Whether plain prompts and responses go through the model's chat template, as a user's and the assistant's message. */
public enum ChatTemplateUse {
    /** They do; a model without a template is an error. */
    ON,
    /** They do not. */
    OFF,
    /** They do not; a warning where the model has a template that would make other tokens of them. */
    OFF_UNASKED,
    /** They do where the model has a template and the prompts are not dialogues already. */
    AUTOMATIC;

    /** What the key {@code apply_chat_template} means; absent: {@code unasked}. */
    public static ChatTemplateUse of(Optional<Boolean> key, ChatTemplateUse unasked) {
        return key.map(given -> given ? ON : OFF).orElse(unasked);
    }
}
