package io.github.rlhf4j.judge;

import io.github.rlhf4j.core.stage.ModelReference;
import java.util.Optional;

/**
 * A language model of ours: a folder or an earlier stage.
 *
 * @param model it
 * @param applyChatTemplate whether the question goes through its chat template; absent: where it has one
 */
public record LocalConfig(ModelReference model, Optional<Boolean> applyChatTemplate) {
    /** With its chat template, where it has one. */
    public static LocalConfig of(ModelReference model) {
        return new LocalConfig(model, Optional.empty());
    }
}
