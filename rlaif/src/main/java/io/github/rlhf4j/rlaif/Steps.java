package io.github.rlhf4j.rlaif;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.CheckpointConfig;
import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.core.stage.EvaluationConfig;
import io.github.rlhf4j.core.stage.LoopSettings;

/**
 * How a stage goes through its rows.
 *
 * @param batchSize rows of a step, >= 1
 * @param loggingSteps a line of metrics every so many steps, >= 1
 * @param checkpoints when checkpoints are written
 */
public record Steps(int batchSize, long loggingSteps, CheckpointConfig checkpoints) implements ConfigGroup {
    /** The defaults of both stages. */
    public static final Steps DEFAULT =
            new Steps(64, 1, CheckpointConfig.every(10).keeping(1));

    public Steps {
        checkConfig(batchSize >= 1, "batch_size", batchSize, "must be >= 1");
        checkConfig(loggingSteps >= 1, "logging_steps", loggingSteps, "must be >= 1");
    }

    LoopSettings loop(long rows) {
        long steps = (rows + batchSize - 1) / batchSize;
        return LoopSettings.of(steps, loggingSteps, EvaluationConfig.AT_THE_END, checkpoints);
    }

    long first(long step) {
        return (step - 1) * batchSize;
    }

    long end(long step, long rows) {
        return Math.min(rows, step * batchSize);
    }
}
