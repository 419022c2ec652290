package io.github.rlhf4j.core.stage;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.optim.LearningRateSchedule;
import io.github.rlhf4j.core.optim.ScheduleChoice;
import io.github.rlhf4j.core.optim.ScheduleOptions;
import java.util.Optional;

/**
 * The learning rate and its schedule.
 *
 * @param learningRate peak rate, > 0
 * @param lrSchedulerType one of {@link LearningRateSchedule#NAMES}
 * @param minLrRate floor of cosine_with_min_lr as a share of the peak, 0 .. 1; 0 with every other schedule
 * @param warmupSteps steps from rate 0 to the peak; below 1 a share of all steps, rounded up
 * @param lrSchedulerKwargs what single schedules have beside that
 */
public record LearningRateConfig(
        double learningRate,
        String lrSchedulerType,
        double minLrRate,
        double warmupSteps,
        Optional<ScheduleOptions> lrSchedulerKwargs)
        implements ConfigGroup {
    public LearningRateConfig {
        checkConfig(
                learningRate > 0 && Double.isFinite(learningRate),
                "learning_rate",
                learningRate,
                "must be finite and > 0");
        checkConfig(minLrRate >= 0 && minLrRate <= 1, "min_lr_rate", minLrRate, "must be between 0 and 1");
        checkConfig(warmupSteps >= 0 && Double.isFinite(warmupSteps), "warmup_steps", warmupSteps, "must be >= 0");
        checkConfig(
                minLrRate == 0 || lrSchedulerType.equals("cosine_with_min_lr"),
                "min_lr_rate",
                minLrRate,
                "does nothing with lr_scheduler_type " + lrSchedulerType + ", so must be 0");
    }

    /** The same rate at every step. */
    public static LearningRateConfig constant(double learningRate) {
        return new LearningRateConfig(learningRate, "constant", 0, 0, Optional.empty());
    }

    /**
     * The schedule over {@code steps} optimiser steps.
     *
     * @throws ConfigException for what fits neither the schedule nor the steps
     */
    public LearningRateSchedule schedule(long steps) {
        try {
            return choice().over(steps);
        } catch (UserError e) {
            String message = String.valueOf(e.getMessage());
            throw new ConfigException(message.replaceFirst("[ .].*", ""), message);
        }
    }

    /** What is said of the schedule. */
    public ScheduleChoice choice() {
        return new ScheduleChoice(
                lrSchedulerType, warmupSteps, minLrRate, learningRate, lrSchedulerKwargs.orElse(ScheduleOptions.NONE));
    }
}
