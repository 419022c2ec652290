package io.github.rlhf4j.core.train;

import static io.github.rlhf4j.core.train.ConfigException.checkConfig;

import io.github.rlhf4j.core.optim.LearningRateSchedule;

/**
 * What every training stage has, with the names of Hugging Face's TrainingArguments. Defaults stand in the stages' defaults files.
 *
 * @param learningRate peak rate, > 0
 * @param lrSchedulerType constant, constant_with_warmup, linear, cosine or cosine_with_min_lr
 * @param minLrRate floor of cosine_with_min_lr as a share of the peak, 0 .. 1; 0 with every other schedule
 * @param warmupSteps steps from rate 0 to the peak; below 1 a share of all steps, rounded up
 * @param batchSize sequences, pairs, rankings or prompts of one optimiser step, however it is cut
 * @param maxSteps optimiser steps; 0: as num_train_epochs says
 * @param numTrainEpochs passes over the data, where max_steps is 0
 * @param maxGradNorm clip the global gradient norm; 0: do not
 * @param weightDecay decoupled weight decay of matrices
 * @param adamBeta1 decay of the first moment
 * @param adamBeta2 decay of the second moment
 * @param adamEpsilon added to the root of the second moment
 * @param shuffle a new order each epoch; false: file order
 * @param loggingSteps steps of one line in metrics.jsonl
 * @param evalSteps steps between evaluations; 0: only at the end
 * @param saveSteps steps between checkpoints; 0: none
 * @param saveTotalLimit checkpoints kept; 0: all
 * @param microBatchTokens rows that go through the model at once; 0: chosen by the model's size
 * @param gradientCheckpointing recompute activations in the backward pass: less memory, a third more time
 * @param save how the result is written
 */
public record TrainingConfig(
        double learningRate,
        String lrSchedulerType,
        double minLrRate,
        double warmupSteps,
        int batchSize,
        long maxSteps,
        double numTrainEpochs,
        double maxGradNorm,
        double weightDecay,
        double adamBeta1,
        double adamBeta2,
        double adamEpsilon,
        boolean shuffle,
        long loggingSteps,
        long evalSteps,
        long saveSteps,
        int saveTotalLimit,
        int microBatchTokens,
        boolean gradientCheckpointing,
        SaveConfig save)
        implements ConfigGroup {
    public TrainingConfig {
        checkConfig(
                learningRate > 0 && Double.isFinite(learningRate),
                "learning_rate",
                learningRate,
                "must be finite and > 0");
        checkConfig(minLrRate >= 0 && minLrRate <= 1, "min_lr_rate", minLrRate, "must be between 0 and 1");
        checkConfig(warmupSteps >= 0 && Double.isFinite(warmupSteps), "warmup_steps", warmupSteps, "must be >= 0");
        checkConfig(batchSize >= 1, "batch_size", batchSize, "must be >= 1");
        checkConfig(maxSteps >= 0, "max_steps", maxSteps, "must be >= 1, or 0 for num_train_epochs");
        checkConfig(
                numTrainEpochs > 0 && Double.isFinite(numTrainEpochs),
                "num_train_epochs",
                numTrainEpochs,
                "must be > 0");
        checkConfig(maxGradNorm >= 0, "max_grad_norm", maxGradNorm, "must be > 0, or 0 for no clipping");
        checkConfig(weightDecay >= 0 && Double.isFinite(weightDecay), "weight_decay", weightDecay, "must be >= 0");
        checkConfig(adamBeta1 >= 0 && adamBeta1 < 1, "adam_beta1", adamBeta1, "must be in [0, 1)");
        checkConfig(adamBeta2 >= 0 && adamBeta2 < 1, "adam_beta2", adamBeta2, "must be in [0, 1)");
        checkConfig(adamEpsilon > 0, "adam_epsilon", adamEpsilon, "must be > 0");
        checkConfig(loggingSteps >= 1, "logging_steps", loggingSteps, "must be >= 1");
        checkConfig(evalSteps >= 0, "eval_steps", evalSteps, "must be >= 1, or 0 for an evaluation at the end only");
        checkConfig(saveSteps >= 0, "save_steps", saveSteps, "must be >= 1, or 0 for no checkpoints");
        checkConfig(saveTotalLimit >= 0, "save_total_limit", saveTotalLimit, "must be >= 1, or 0 to keep all");
        checkConfig(
                saveTotalLimit == 0 || saveSteps > 0,
                "save_total_limit",
                saveTotalLimit,
                "does nothing without save_steps, so must be 0");
        checkConfig(
                microBatchTokens >= 0,
                "micro_batch_tokens",
                microBatchTokens,
                "must be >= 1, or 0 to choose by the model's size");
        checkConfig(
                minLrRate == 0 || lrSchedulerType.equals("cosine_with_min_lr"),
                "min_lr_rate",
                minLrRate,
                "does nothing with lr_scheduler_type " + lrSchedulerType + ", so must be 0");
        LearningRateSchedule.of(lrSchedulerType, warmupSteps, Math.max(1, maxSteps), minLrRate);
    }

    /** The schedule over {@code steps} optimiser steps. */
    public LearningRateSchedule schedule(long steps) {
        return LearningRateSchedule.of(lrSchedulerType, warmupSteps, steps, minLrRate);
    }

    /** The optimiser's settings. */
    public OptimizerSettings optimizer(double dropout) {
        return new OptimizerSettings(
                adamBeta1,
                adamBeta2,
                adamEpsilon,
                weightDecay,
                maxGradNorm,
                microBatchTokens,
                gradientCheckpointing,
                dropout);
    }

    /** The loop over {@code steps} steps. */
    public LoopSettings loop(long steps) {
        return new LoopSettings(steps, loggingSteps, evalSteps, saveSteps, saveTotalLimit);
    }
}
