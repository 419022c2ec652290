package io.github.rlhf4j.core.train;

import static io.github.rlhf4j.core.train.ConfigException.checkConfig;

/**
 * When a stage writes checkpoints.
 *
 * @param saveSteps steps between checkpoints; 0: none
 * @param saveTotalLimit checkpoints kept; 0: all
 */
public record CheckpointConfig(long saveSteps, int saveTotalLimit) implements ConfigGroup {
    /** No checkpoints. */
    public static final CheckpointConfig NONE = every(0);

    public CheckpointConfig {
        checkConfig(saveSteps >= 0, "save_steps", saveSteps, "must be >= 1, or 0 for no checkpoints");
        checkConfig(saveTotalLimit >= 0, "save_total_limit", saveTotalLimit, "must be >= 1, or 0 to keep all");
        checkConfig(
                saveTotalLimit == 0 || saveSteps > 0,
                "save_total_limit",
                saveTotalLimit,
                "does nothing without save_steps, so must be 0");
    }

    /** One every so many steps, all of them kept; 0: none. */
    public static CheckpointConfig every(long steps) {
        return new CheckpointConfig(steps, 0);
    }
}
