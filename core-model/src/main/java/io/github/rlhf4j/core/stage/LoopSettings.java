package io.github.rlhf4j.core.stage;

/**
 * How long a training loop runs and what it does now and then.
 *
 * @param steps optimiser steps (ppo: iterations) in all
 * @param stepsPerEpoch steps of one pass over the data, >= 1
 * @param loggingSteps a line of metrics every so many steps, >= 1
 * @param evaluation when to evaluate
 * @param checkpoints when to write checkpoints
 * @param best what to do about the best evaluation
 * @param numbers what to do about numbers that cannot be right
 */
public record LoopSettings(
        long steps,
        long stepsPerEpoch,
        long loggingSteps,
        EvaluationConfig evaluation,
        CheckpointConfig checkpoints,
        BestModelConfig best,
        NumbersConfig numbers) {
    /** One that ends where something is not finite. */
    public LoopSettings(
            long steps,
            long stepsPerEpoch,
            long loggingSteps,
            EvaluationConfig evaluation,
            CheckpointConfig checkpoints,
            BestModelConfig best) {
        this(steps, stepsPerEpoch, loggingSteps, evaluation, checkpoints, best, NumbersConfig.DEFAULT);
    }

    /** One epoch of so many steps, with nothing about the best. */
    public static LoopSettings of(
            long steps, long loggingSteps, EvaluationConfig evaluation, CheckpointConfig checkpoints) {
        return new LoopSettings(steps, steps, loggingSteps, evaluation, checkpoints, BestModelConfig.NONE);
    }

    /** This with something done about the best evaluation. */
    public LoopSettings with(BestModelConfig newBest) {
        return new LoopSettings(steps, stepsPerEpoch, loggingSteps, evaluation, checkpoints, newBest, numbers);
    }

    /** This with epochs in which each row takes part in so many steps. */
    LoopSettings repeating(int times) {
        return new LoopSettings(steps, stepsPerEpoch * times, loggingSteps, evaluation, checkpoints, best, numbers);
    }

    boolean logsAfter(long step) {
        return step % loggingSteps == 0;
    }

    boolean evaluatesAfter(long step) {
        return evaluation.isDue(step, stepsPerEpoch);
    }

    boolean savesAfter(long step) {
        return checkpoints.isDue(step, stepsPerEpoch);
    }

    /** Passes over the data after that step. */
    double epoch(long step) {
        return (double) step / stepsPerEpoch;
    }

    /** Whether it matters which evaluation is the best. */
    boolean choosesBest() {
        return best.isUsed(checkpoints);
    }
}
