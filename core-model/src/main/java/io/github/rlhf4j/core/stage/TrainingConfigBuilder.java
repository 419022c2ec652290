package io.github.rlhf4j.core.stage;

import io.github.rlhf4j.core.optim.ScheduleOptions;
import io.github.rlhf4j.core.stage.CheckpointConfig.SaveStrategy;
import io.github.rlhf4j.core.stage.EvaluationConfig.EvalStrategy;
import io.github.rlhf4j.core.stage.NumbersConfig.OnNonfinite;
import io.github.rlhf4j.core.stage.SaveConfig.SaveDtype;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Sets the keys of a {@link TrainingConfig} one by one: {@code TrainingConfig.builder().learningRate(1e-5).maxSteps(100).build()}. The methods are the run file's keys, which docs/config.md explains.
 *
 * <p>Nothing is checked before {@link #build}.
 */
public final class TrainingConfigBuilder {
    private double learningRate;
    private String lrSchedulerType;
    private double minLrRate;
    private double warmupSteps;
    private Optional<ScheduleOptions> lrSchedulerKwargs;
    private int batchSize;
    private long maxSteps;
    private double numTrainEpochs;
    private boolean shuffle;
    private OptionalLong dataSeed;
    private double maxGradNorm;
    private double weightDecay;
    private double adamBeta1;
    private double adamBeta2;
    private double adamEpsilon;
    private int microBatchTokens;
    private boolean gradientCheckpointing;
    private long loggingSteps;
    private Optional<EvalStrategy> evalStrategy;
    private long evalSteps;
    private boolean evalOnStart;
    private Optional<SaveStrategy> saveStrategy;
    private long saveSteps;
    private int saveTotalLimit;
    private boolean loadBestModelAtEnd;
    private Optional<String> metricForBestModel;
    private Optional<Boolean> greaterIsBetter;
    private OptionalInt earlyStoppingPatience;
    private OptionalDouble earlyStoppingThreshold;
    private SaveDtype saveDtype;
    private String maxShardSize;
    private OnNonfinite onNonfinite;
    private double lossSpikeSigma;
    private long canarySteps;

    TrainingConfigBuilder(TrainingConfig from) {
        LearningRateConfig rate = from.rate();
        learningRate = rate.learningRate();
        lrSchedulerType = rate.lrSchedulerType();
        minLrRate = rate.minLrRate();
        warmupSteps = rate.warmupSteps();
        lrSchedulerKwargs = rate.lrSchedulerKwargs();
        StepsConfig data = from.data();
        batchSize = data.batchSize();
        maxSteps = data.maxSteps();
        numTrainEpochs = data.numTrainEpochs();
        shuffle = data.shuffle();
        dataSeed = data.dataSeed();
        AdamWConfig adamW = from.adamW();
        maxGradNorm = adamW.maxGradNorm();
        weightDecay = adamW.weightDecay();
        adamBeta1 = adamW.adamBeta1();
        adamBeta2 = adamW.adamBeta2();
        adamEpsilon = adamW.adamEpsilon();
        microBatchTokens = adamW.microBatchTokens();
        gradientCheckpointing = adamW.gradientCheckpointing();
        loggingSteps = from.loggingSteps();
        EvaluationConfig evaluation = from.evaluation();
        evalStrategy = evaluation.evalStrategy();
        evalSteps = evaluation.evalSteps();
        evalOnStart = evaluation.evalOnStart();
        CheckpointConfig checkpoints = from.checkpoints();
        saveStrategy = checkpoints.saveStrategy();
        saveSteps = checkpoints.saveSteps();
        saveTotalLimit = checkpoints.saveTotalLimit();
        BestModelConfig best = from.best();
        loadBestModelAtEnd = best.loadBestModelAtEnd();
        metricForBestModel = best.metricForBestModel();
        greaterIsBetter = best.greaterIsBetter();
        earlyStoppingPatience = best.earlyStoppingPatience();
        earlyStoppingThreshold = best.earlyStoppingThreshold();
        saveDtype = from.save().saveDtype();
        maxShardSize = from.save().maxShardSize();
        onNonfinite = from.numbers().onNonfinite();
        lossSpikeSigma = from.numbers().lossSpikeSigma();
        canarySteps = from.numbers().canarySteps();
    }

    /** Peak learning rate, > 0. */
    public TrainingConfigBuilder learningRate(double value) {
        learningRate = value;
        return this;
    }

    /** Schedule of the learning rate, such as linear, cosine or constant. */
    public TrainingConfigBuilder lrSchedulerType(String value) {
        lrSchedulerType = value;
        return this;
    }

    /** Floor of cosine_with_min_lr, a share of the peak, 0 .. 1. */
    public TrainingConfigBuilder minLrRate(double value) {
        minLrRate = value;
        return this;
    }

    /** Steps from rate 0 to the peak; below 1 a share of all steps. */
    public TrainingConfigBuilder warmupSteps(double value) {
        warmupSteps = value;
        return this;
    }

    /** What single schedules have beside that. */
    public TrainingConfigBuilder lrSchedulerKwargs(ScheduleOptions value) {
        lrSchedulerKwargs = Optional.of(value);
        return this;
    }

    /** Sequences, pairs, rankings or prompts of one step, >= 1. */
    public TrainingConfigBuilder batchSize(int value) {
        batchSize = value;
        return this;
    }

    /** Optimiser steps; 0: as numTrainEpochs says. */
    public TrainingConfigBuilder maxSteps(long value) {
        maxSteps = value;
        return this;
    }

    /** Passes over the data, > 0, where maxSteps is 0. */
    public TrainingConfigBuilder numTrainEpochs(double value) {
        numTrainEpochs = value;
        return this;
    }

    /** A new order each epoch; false: file order. */
    public TrainingConfigBuilder shuffle(boolean value) {
        shuffle = value;
        return this;
    }

    /** The seed of that order; left out: the stage's. */
    public TrainingConfigBuilder dataSeed(long value) {
        dataSeed = OptionalLong.of(value);
        return this;
    }

    /** Clips the global gradient norm; 0: does not. */
    public TrainingConfigBuilder maxGradNorm(double value) {
        maxGradNorm = value;
        return this;
    }

    /** Decoupled weight decay of matrices, >= 0. */
    public TrainingConfigBuilder weightDecay(double value) {
        weightDecay = value;
        return this;
    }

    /** Decay of the first moment, in [0, 1). */
    public TrainingConfigBuilder adamBeta1(double value) {
        adamBeta1 = value;
        return this;
    }

    /** Decay of the second moment, in [0, 1). */
    public TrainingConfigBuilder adamBeta2(double value) {
        adamBeta2 = value;
        return this;
    }

    /** Added to the root of the second moment, > 0. */
    public TrainingConfigBuilder adamEpsilon(double value) {
        adamEpsilon = value;
        return this;
    }

    /** Rows that go through the model at once; 0: by the model's size. */
    public TrainingConfigBuilder microBatchTokens(int value) {
        microBatchTokens = value;
        return this;
    }

    /** Recomputes activations in the backward pass: less memory, more time. */
    public TrainingConfigBuilder gradientCheckpointing(boolean value) {
        gradientCheckpointing = value;
        return this;
    }

    /** A line of metrics every so many steps, >= 1. */
    public TrainingConfigBuilder loggingSteps(long value) {
        loggingSteps = value;
        return this;
    }

    /** What decides when to evaluate. */
    public TrainingConfigBuilder evalStrategy(EvalStrategy value) {
        evalStrategy = Optional.of(value);
        return this;
    }

    /** Steps between evaluations; 0: only at the end. */
    public TrainingConfigBuilder evalSteps(long value) {
        evalSteps = value;
        return this;
    }

    /** Evaluates before the first step, too. */
    public TrainingConfigBuilder evalOnStart(boolean value) {
        evalOnStart = value;
        return this;
    }

    /** What decides when to write a checkpoint. */
    public TrainingConfigBuilder saveStrategy(SaveStrategy value) {
        saveStrategy = Optional.of(value);
        return this;
    }

    /** Steps between checkpoints; 0: none. */
    public TrainingConfigBuilder saveSteps(long value) {
        saveSteps = value;
        return this;
    }

    /** Checkpoints kept; 0: all. */
    public TrainingConfigBuilder saveTotalLimit(int value) {
        saveTotalLimit = value;
        return this;
    }

    /** The result is the model of the best evaluation. */
    public TrainingConfigBuilder loadBestModelAtEnd(boolean value) {
        loadBestModelAtEnd = value;
        return this;
    }

    /** The metric that says which is best, with or without eval_. */
    public TrainingConfigBuilder metricForBestModel(String value) {
        metricForBestModel = Optional.of(value);
        return this;
    }

    /** Whether a larger value of it is better. */
    public TrainingConfigBuilder greaterIsBetter(boolean value) {
        greaterIsBetter = Optional.of(value);
        return this;
    }

    /** Stops after so many evaluations in a row without improvement. */
    public TrainingConfigBuilder earlyStoppingPatience(int value) {
        earlyStoppingPatience = OptionalInt.of(value);
        return this;
    }

    /** What counts as an improvement there. */
    public TrainingConfigBuilder earlyStoppingThreshold(double value) {
        earlyStoppingThreshold = OptionalDouble.of(value);
        return this;
    }

    /** Type of the written weights. */
    public TrainingConfigBuilder saveDtype(SaveDtype value) {
        saveDtype = value;
        return this;
    }

    /** Largest file of written weights, such as 5GB. */
    public TrainingConfigBuilder maxShardSize(String value) {
        maxShardSize = value;
        return this;
    }

    /** What follows a loss or a gradient that is not finite. */
    public TrainingConfigBuilder onNonfinite(OnNonfinite value) {
        onNonfinite = value;
        return this;
    }

    /** Writes a step aside whose loss or gradient norm is so many standard deviations above those before; 0: none. */
    public TrainingConfigBuilder lossSpikeSigma(double value) {
        lossSpikeSigma = value;
        return this;
    }

    /** Watches the arithmetic, with a second computation of the gradient every so many steps; 0: does not. */
    public TrainingConfigBuilder canarySteps(long value) {
        canarySteps = value;
        return this;
    }

    /**
     * The config.
     *
     * @throws ConfigException naming the first key that is out of range
     */
    public TrainingConfig build() {
        return new TrainingConfig(
                new LearningRateConfig(learningRate, lrSchedulerType, minLrRate, warmupSteps, lrSchedulerKwargs),
                new StepsConfig(batchSize, maxSteps, numTrainEpochs, shuffle, dataSeed),
                new AdamWConfig(
                        maxGradNorm,
                        weightDecay,
                        adamBeta1,
                        adamBeta2,
                        adamEpsilon,
                        microBatchTokens,
                        gradientCheckpointing),
                loggingSteps,
                new EvaluationConfig(evalStrategy, evalSteps, evalOnStart),
                new CheckpointConfig(saveStrategy, saveSteps, saveTotalLimit),
                new BestModelConfig(
                        loadBestModelAtEnd,
                        metricForBestModel,
                        greaterIsBetter,
                        earlyStoppingPatience,
                        earlyStoppingThreshold),
                new SaveConfig(saveDtype, maxShardSize),
                new NumbersConfig(onNonfinite, lossSpikeSigma, canarySteps));
    }
}
