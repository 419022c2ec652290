package io.github.rlhf4j.core.stage;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import java.util.Optional;

/**
 * When a stage writes checkpoints.
 *
 * @param saveStrategy no, steps, epoch, or best: after each evaluation that is the best so far; absent: steps, as save_steps says
 * @param saveSteps steps between checkpoints; 0: none
 * @param saveTotalLimit checkpoints kept; 0: all
 */
public record CheckpointConfig(Optional<SaveStrategy> saveStrategy, long saveSteps, int saveTotalLimit)
        implements ConfigGroup {
    /** What decides, with transformers' names. */
    public enum SaveStrategy {
        NO,
        STEPS,
        EPOCH,
        BEST
    }

    /** No checkpoints. */
    public static final CheckpointConfig NONE = every(0);

    public CheckpointConfig {
        checkConfig(saveSteps >= 0, "save_steps", saveSteps, "must be >= 1, or 0 for no checkpoints");
        checkConfig(saveTotalLimit >= 0, "save_total_limit", saveTotalLimit, "must be >= 1, or 0 to keep all");
        SaveStrategy strategy = saveStrategy.orElse(SaveStrategy.STEPS);
        checkConfig(
                strategy == SaveStrategy.STEPS || saveSteps == 0,
                "save_steps",
                saveSteps,
                "does nothing with another save_strategy than steps, so must be 0");
        checkConfig(
                saveStrategy.isEmpty() || strategy != SaveStrategy.STEPS || saveSteps > 0,
                "save_steps",
                saveSteps,
                "must be >= 1 with save_strategy: steps");
        checkConfig(
                saveTotalLimit == 0 || saveSteps > 0 || strategy.ordinal() > SaveStrategy.STEPS.ordinal(),
                "save_total_limit",
                saveTotalLimit,
                "does nothing without save_steps or save_strategy, so must be 0");
    }

    /** One every so many steps and at the end, all of them kept; 0: none. */
    public static CheckpointConfig every(long steps) {
        return new CheckpointConfig(Optional.empty(), steps, 0);
    }

    /** This with a limit on how many are kept. */
    public CheckpointConfig keeping(int limit) {
        return new CheckpointConfig(saveStrategy, saveSteps, limit);
    }

    private boolean is(SaveStrategy strategy) {
        return saveStrategy.equals(Optional.of(strategy));
    }

    /** Whether one is written after each evaluation that is the best so far. */
    boolean ofTheBest() {
        return is(SaveStrategy.BEST);
    }

    /** Whether one is written at the end. */
    boolean atTheEnd() {
        return saveSteps > 0 || is(SaveStrategy.EPOCH);
    }

    /** Whether one follows this step, whichever step is the last. */
    boolean isDue(long step, long stepsPerEpoch) {
        return is(SaveStrategy.EPOCH) ? step % stepsPerEpoch == 0 : saveSteps > 0 && step % saveSteps == 0;
    }
}
