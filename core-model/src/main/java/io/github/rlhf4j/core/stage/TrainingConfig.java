package io.github.rlhf4j.core.stage;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.optim.LearningRateSchedule;
import io.github.rlhf4j.core.train.ExampleOrder;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.core.train.OptimizerSettings;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What every training stage has, with the names of Hugging Face's TrainingArguments. Defaults stand in the stages' defaults files.
 *
 * @param rate the learning rate and its schedule
 * @param data batches and steps
 * @param adamW the optimiser
 * @param loggingSteps steps of one line in metrics.jsonl
 * @param evaluation when to evaluate
 * @param checkpoints when to write checkpoints
 * @param best what to do about the best evaluation
 * @param save how the result is written
 * @param numbers what is done about numbers that cannot be right
 */
public record TrainingConfig(
        LearningRateConfig rate,
        StepsConfig data,
        AdamWConfig adamW,
        long loggingSteps,
        EvaluationConfig evaluation,
        CheckpointConfig checkpoints,
        BestModelConfig best,
        SaveConfig save,
        NumbersConfig numbers)
        implements ConfigGroup {
    private static final long MANY_STEPS = 1L << 40; // where the data decide how many

    public TrainingConfig {
        checkConfig(loggingSteps >= 1, "logging_steps", loggingSteps, "must be >= 1");
        rate.schedule(data.maxSteps() > 0 ? data.maxSteps() : MANY_STEPS);
        best.check(evaluation, checkpoints);
    }

    /** The defaults that most stages share, with Hugging Face's learning rate of 5e-5; see {@link TrainingConfigBuilder}. */
    public static TrainingConfigBuilder builder() {
        LearningRateConfig rate = new LearningRateConfig(5e-5, "linear", 0, 0, Optional.empty());
        StepsConfig data = new StepsConfig(8, 0, 3, true, OptionalLong.empty());
        return new TrainingConfig(
                        rate,
                        data,
                        AdamWConfig.DEFAULT,
                        10,
                        EvaluationConfig.AT_THE_END,
                        CheckpointConfig.NONE,
                        BestModelConfig.NONE,
                        SaveConfig.DEFAULT,
                        NumbersConfig.DEFAULT)
                .toBuilder();
    }

    /** Starts from this config. */
    public TrainingConfigBuilder toBuilder() {
        return new TrainingConfigBuilder(this);
    }

    /** Every step logged, one evaluation at the end, no checkpoints, and the usual AdamW. */
    public static TrainingConfig of(LearningRateConfig rate, StepsConfig data) {
        return new TrainingConfig(
                rate,
                data,
                AdamWConfig.DEFAULT,
                1,
                EvaluationConfig.AT_THE_END,
                CheckpointConfig.NONE,
                BestModelConfig.NONE,
                SaveConfig.DEFAULT,
                NumbersConfig.DEFAULT);
    }

    /** This with another optimiser. */
    public TrainingConfig with(AdamWConfig other) {
        return new TrainingConfig(rate, data, other, loggingSteps, evaluation, checkpoints, best, save, numbers);
    }

    /** This with other evaluations. */
    public TrainingConfig with(EvaluationConfig other) {
        return new TrainingConfig(rate, data, adamW, loggingSteps, other, checkpoints, best, save, numbers);
    }

    /** This with other checkpoints. */
    public TrainingConfig with(CheckpointConfig other) {
        return new TrainingConfig(rate, data, adamW, loggingSteps, evaluation, other, best, save, numbers);
    }

    /** This with other batches and steps. */
    public TrainingConfig with(StepsConfig other) {
        return new TrainingConfig(rate, other, adamW, loggingSteps, evaluation, checkpoints, best, save, numbers);
    }

    /** This with other evaluations and something done about the best. */
    public TrainingConfig with(EvaluationConfig evaluations, BestModelConfig newBest) {
        return new TrainingConfig(rate, data, adamW, loggingSteps, evaluations, checkpoints, newBest, save, numbers);
    }

    /**
     * Requires that a stage without evaluation data asks for no evaluation, and one with some for one at least; and that the metric of the best model is of one of the sets.
     *
     * @param evalNames the names of the evaluation sets, "" for one alone
     */
    public void checkEvaluation(Set<String> evalNames) {
        evaluation.checkData(!evalNames.isEmpty());
        best.checkNames(evalNames, checkpoints);
    }

    /** Peak learning rate. */
    public double learningRate() {
        return rate.learningRate();
    }

    /** Sequences, pairs, rankings or prompts of a step. */
    public int batchSize() {
        return data.batchSize();
    }

    /** Whether each epoch has an order of its own. */
    public boolean shuffle() {
        return data.shuffle();
    }

    /** Which examples each step trains on. */
    public <T> ExampleOrder<T> order(Examples<T> examples, CounterRandom stage) {
        return data.order(examples, stage);
    }

    /** The schedule over {@code steps} optimiser steps. */
    public LearningRateSchedule schedule(long steps) {
        return rate.schedule(steps);
    }

    /** The optimiser's settings. */
    public OptimizerSettings optimizer(double dropout) {
        return adamW.settings(dropout);
    }

    /** The loop over data in this order. */
    public LoopSettings loop(ExampleOrder<?> order) {
        return new LoopSettings(
                data.steps(order), order.stepsPerEpoch(), loggingSteps, evaluation, checkpoints, best, numbers);
    }
}
