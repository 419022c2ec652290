package io.github.rlhf4j.core.stage;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

/**
 * How a stage that trains nothing goes through its rows.
 *
 * @param batchSize rows of a step, >= 1
 * @param loggingSteps a line of metrics every so many steps, >= 1
 * @param checkpoints when checkpoints are written
 */
public record Steps(int batchSize, long loggingSteps, CheckpointConfig checkpoints) implements ConfigGroup {
    /** 64 rows in a step, a checkpoint every ten. */
    public static final Steps DEFAULT =
            new Steps(64, 1, CheckpointConfig.every(10).keeping(1));

    public Steps {
        checkConfig(batchSize >= 1, "batch_size", batchSize, "must be >= 1");
        checkConfig(loggingSteps >= 1, "logging_steps", loggingSteps, "must be >= 1");
    }

    /** One pass over so many rows. */
    public LoopSettings loop(long rows) {
        return loop(rows, 1);
    }

    /** Several passes. */
    public LoopSettings loop(long rows, int passes) {
        return LoopSettings.of(passes * of(rows), loggingSteps, EvaluationConfig.AT_THE_END, checkpoints);
    }

    /** Steps of one pass over so many rows. */
    public long of(long rows) {
        return (rows + batchSize - 1) / batchSize;
    }

    /** The first row of a step, steps from 1. */
    public long first(long step) {
        return (step - 1) * batchSize;
    }

    /** The row after the last one of a step. */
    public long end(long step, long rows) {
        return Math.min(rows, step * batchSize);
    }
}
