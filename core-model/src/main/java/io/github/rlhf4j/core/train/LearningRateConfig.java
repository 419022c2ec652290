package io.github.rlhf4j.core.train;

import static io.github.rlhf4j.core.train.ConfigException.checkConfig;

import io.github.rlhf4j.core.optim.LearningRateSchedule;

/**
 * The learning rate and its schedule.
 *
 * @param learningRate peak rate, > 0
 * @param lrSchedulerType one of {@link LearningRateSchedule#NAMES}
 * @param minLrRate floor of cosine_with_min_lr as a share of the peak, 0 .. 1; 0 with every other schedule
 * @param warmupSteps steps from rate 0 to the peak; below 1 a share of all steps, rounded up
 */
public record LearningRateConfig(double learningRate, String lrSchedulerType, double minLrRate, double warmupSteps)
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
        return new LearningRateConfig(learningRate, "constant", 0, 0);
    }

    /** The schedule over {@code steps} optimiser steps. */
    public LearningRateSchedule schedule(long steps) {
        return LearningRateSchedule.of(lrSchedulerType, warmupSteps, steps, minLrRate);
    }
}
