package io.github.rlhf4j.grpo;

import io.github.rlhf4j.core.stage.AdapterConfig;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.ReferenceSyncConfig;
import io.github.rlhf4j.core.stage.StructuredOutputsConfig;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.stage.TuningConfig;
import io.github.rlhf4j.core.tensor.WeightType;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.rollout.PromptConfig;
import io.github.rlhf4j.rollout.RewardChoiceConfig;
import io.github.rlhf4j.rollout.RewardEntry;
import io.github.rlhf4j.rollout.RewardFunction;
import io.github.rlhf4j.rollout.RewardsConfig;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Sets the keys of a {@link GrpoConfig} one by one; the methods are the run file's keys, which docs/algorithms/grpo.md explains. Nothing is checked before {@link #build}. */
public final class GrpoConfigBuilder {
    private final ModelReference model;
    private final Optional<DatasetSpec> dataset;
    private final Optional<DatasetSpec> rollouts;
    private TrainingConfig training;
    private int maxPromptLength;
    private boolean splitSpecialTokens;
    private Optional<Boolean> applyChatTemplate;
    private Optional<StructuredOutputsConfig> structuredOutputs;
    private int numGenerations;
    private int maxCompletionLength;
    private double temperature;
    private int stepsPerGeneration;
    private int numIterations;
    private boolean maskTruncatedCompletions;
    private OptionalInt numCompletionsToPrint;
    private Optional<ModelReference> rewardModel;
    private Optional<String> rewardFunction;
    private List<RewardEntry> rewards;
    private ScaleRewards scaleRewards;
    private MultiObjectiveAggregation multiObjectiveAggregation;
    private LossType lossType;
    private boolean filterGroups;
    private OptionalInt maxNumGenBatches;
    private GrpoLossConfig.ImportanceSamplingLevel importanceSamplingLevel;
    private OptionalDouble epsilon;
    private OptionalDouble epsilonHigh;
    private OptionalDouble delta;
    private OptionalDouble sapoTemperaturePos;
    private OptionalDouble sapoTemperatureNeg;
    private double topEntropyQuantile;
    private double entropyCoef;
    private OptionalDouble offPolicyMaskThreshold;
    private double beta;
    private Optional<Boolean> useBiasCorrectionKl;
    private Optional<ModelReference> refModel;
    private boolean syncRefModel;
    private OptionalDouble refModelMixupAlpha;
    private OptionalLong refModelSyncSteps;
    private TuningConfig tuning = TuningConfig.NONE;

    GrpoConfigBuilder(ModelReference model, Optional<DatasetSpec> dataset, Optional<DatasetSpec> rollouts) {
        this.model = model;
        this.dataset = dataset;
        this.rollouts = rollouts;
        training = TrainingConfig.builder()
                .learningRate(1e-6)
                .batchSize(8)
                .numTrainEpochs(1)
                .loggingSteps(1)
                .shuffle(dataset.isPresent())
                .build();
        set(PromptConfig.DEFAULT);
        set(GenerationConfig.DEFAULT);
        rewardModel = Optional.empty();
        rewardFunction = Optional.empty();
        rewards = List.of();
        set(DynamicSamplingConfig.NONE);
        scaleRewards = ScaleRewards.GROUP;
        multiObjectiveAggregation = MultiObjectiveAggregation.SUM_THEN_NORMALIZE;
        set(GrpoLossConfig.DEFAULT);
        set(GroupReferenceConfig.DEFAULT);
    }

    GrpoConfigBuilder(GrpoConfig from) {
        model = from.model();
        dataset = from.dataset();
        rollouts = from.rollouts();
        training = from.training();
        set(from.prompts());
        set(from.generation());
        rewardModel = from.rewards().rewardModel();
        rewardFunction = from.rewards().rewardFunction();
        rewards = from.rewards().list().rewards();
        set(from.dynamicSampling());
        scaleRewards = from.scaleRewards();
        multiObjectiveAggregation = from.multiObjectiveAggregation();
        set(from.loss());
        set(from.reference());
        tuning = from.tuning();
    }

    private void set(PromptConfig prompts) {
        maxPromptLength = prompts.maxPromptLength();
        splitSpecialTokens = prompts.splitSpecialTokens();
        applyChatTemplate = prompts.applyChatTemplate();
        structuredOutputs = prompts.structuredOutputs();
    }

    private void set(GenerationConfig generation) {
        numGenerations = generation.numGenerations();
        maxCompletionLength = generation.maxCompletionLength();
        temperature = generation.temperature();
        stepsPerGeneration = generation.stepsPerGeneration();
        numIterations = generation.numIterations();
        maskTruncatedCompletions = generation.maskTruncatedCompletions();
        numCompletionsToPrint = generation.numCompletionsToPrint();
    }

    private void set(DynamicSamplingConfig sampling) {
        filterGroups = sampling.filterGroups();
        maxNumGenBatches = sampling.maxNumGenBatches();
    }

    private void set(GrpoLossConfig loss) {
        lossType = loss.lossType();
        importanceSamplingLevel = loss.importanceSamplingLevel();
        epsilon = loss.epsilon();
        epsilonHigh = loss.epsilonHigh();
        delta = loss.delta();
        sapoTemperaturePos = loss.sapoTemperaturePos();
        sapoTemperatureNeg = loss.sapoTemperatureNeg();
        topEntropyQuantile = loss.topEntropyQuantile();
        entropyCoef = loss.entropyCoef();
        offPolicyMaskThreshold = loss.offPolicyMaskThreshold();
        useBiasCorrectionKl = loss.useBiasCorrectionKl();
    }

    private void set(GroupReferenceConfig reference) {
        beta = reference.beta();
        refModel = reference.refModel();
        syncRefModel = reference.sync().syncRefModel();
        refModelMixupAlpha = reference.sync().refModelMixupAlpha();
        refModelSyncSteps = reference.sync().refModelSyncSteps();
    }

    /** Trains an adapter instead of the model's own weights. */
    public GrpoConfigBuilder adapter(AdapterConfig value) {
        tuning = tuning.with(value);
        return this;
    }

    /** Makes the adapter that the model has a part of its weights first. */
    public GrpoConfigBuilder mergeAdapter(boolean value) {
        tuning = tuning.withMergeAdapter(value);
        return this;
    }

    /** Holds the weights that the adapter is on in another form. */
    public GrpoConfigBuilder baseWeights(WeightType value) {
        tuning = tuning.withBaseWeights(value);
        return this;
    }

    /** What every training stage has. */
    public GrpoConfigBuilder training(TrainingConfig value) {
        training = value;
        return this;
    }

    /** Longest prompt in tokens; longer ones lose tokens on the left; 0: what leaves room for the response. */
    public GrpoConfigBuilder maxPromptLength(int value) {
        maxPromptLength = value;
        return this;
    }

    /** Whether the text of a special token in the data stays text. */
    public GrpoConfigBuilder splitSpecialTokens(boolean value) {
        splitSpecialTokens = value;
        return this;
    }

    /** What responses are held to; absent: nothing. */
    public GrpoConfigBuilder structuredOutputs(StructuredOutputsConfig value) {
        structuredOutputs = Optional.of(value);
        return this;
    }

    /** Whether plain prompts go through the model's chat template; absent: they do not. */
    public GrpoConfigBuilder applyChatTemplate(boolean value) {
        applyChatTemplate = Optional.of(value);
        return this;
    }

    /** Responses to each prompt, >= 2. */
    public GrpoConfigBuilder numGenerations(int value) {
        numGenerations = value;
        return this;
    }

    /** Longest response, tokens with the end token. */
    public GrpoConfigBuilder maxCompletionLength(int value) {
        maxCompletionLength = value;
        return this;
    }

    /** Of sampling and of all log-probs, > 0. */
    public GrpoConfigBuilder temperature(double value) {
        temperature = value;
        return this;
    }

    /** Optimiser steps whose prompts are answered at once, before the first of them. */
    public GrpoConfigBuilder stepsPerGeneration(int value) {
        stepsPerGeneration = value;
        return this;
    }

    /** How often each response is learnt from. */
    public GrpoConfigBuilder numIterations(int value) {
        numIterations = value;
        return this;
    }

    /** Whether a response that did not end is left out of the loss. */
    public GrpoConfigBuilder maskTruncatedCompletions(boolean value) {
        maskTruncatedCompletions = value;
        return this;
    }

    /** Responses of a generation in samples.jsonl; absent: all. */
    public GrpoConfigBuilder numCompletionsToPrint(int value) {
        numCompletionsToPrint = OptionalInt.of(value);
        return this;
    }

    /** Several rewards, in the place of reward_model and reward_function. */
    public GrpoConfigBuilder rewards(RewardEntry... values) {
        rewards = List.of(values);
        return this;
    }

    /** Whether rewards are summed and then scaled, or scaled each and then summed. */
    public GrpoConfigBuilder multiObjectiveAggregation(MultiObjectiveAggregation value) {
        multiObjectiveAggregation = value;
        return this;
    }

    /** A model with a scalar head. */
    public GrpoConfigBuilder rewardModel(ModelReference value) {
        rewardModel = Optional.of(value);
        return this;
    }

    /** The name of a bound {@link RewardFunction}. */
    public GrpoConfigBuilder rewardFunction(String value) {
        rewardFunction = Optional.of(value);
        return this;
    }

    /** Whether groups whose responses have one reward give way to others. */
    public GrpoConfigBuilder filterGroups(boolean value) {
        filterGroups = value;
        return this;
    }

    /** A generation draws at most so many times the prompts that it needs; with filterGroups, absent: 10. */
    public GrpoConfigBuilder maxNumGenBatches(int value) {
        maxNumGenBatches = OptionalInt.of(value);
        return this;
    }

    /** Group, batch or none. */
    public GrpoConfigBuilder scaleRewards(ScaleRewards value) {
        scaleRewards = value;
        return this;
    }

    /** Grpo, bnpo, dr_grpo, dapo, cispo or sapo. */
    public GrpoConfigBuilder lossType(LossType value) {
        lossType = value;
        return this;
    }

    /** Token, or sequence: one ratio a response (GSPO). */
    public GrpoConfigBuilder importanceSamplingLevel(GrpoLossConfig.ImportanceSamplingLevel value) {
        importanceSamplingLevel = value;
        return this;
    }

    /** How far the ratio may fall below 1, and rise above it without epsilonHigh; absent: 0.2. */
    public GrpoConfigBuilder epsilon(double value) {
        epsilon = OptionalDouble.of(value);
        return this;
    }

    /** How far it may rise above 1; with cispo the largest ratio; absent: epsilon. */
    public GrpoConfigBuilder epsilonHigh(double value) {
        epsilonHigh = OptionalDouble.of(value);
        return this;
    }

    /** The largest ratio of all, > 1 + epsilonHigh; absent: none. */
    public GrpoConfigBuilder delta(double value) {
        delta = OptionalDouble.of(value);
        return this;
    }

    /** Of sapo's gate where the advantage is positive; absent: 1. */
    public GrpoConfigBuilder sapoTemperaturePos(double value) {
        sapoTemperaturePos = OptionalDouble.of(value);
        return this;
    }

    /** Elsewhere; absent: 1.05. */
    public GrpoConfigBuilder sapoTemperatureNeg(double value) {
        sapoTemperatureNeg = OptionalDouble.of(value);
        return this;
    }

    /** Share of the tokens, those of largest entropy, that the policy learns from. */
    public GrpoConfigBuilder topEntropyQuantile(double value) {
        topEntropyQuantile = value;
        return this;
    }

    /** Weight of the entropy bonus. */
    public GrpoConfigBuilder entropyCoef(double value) {
        entropyCoef = value;
        return this;
    }

    /** Nats; a response with a negative advantage is left out where the policy is farther from its sampler; absent: none is. */
    public GrpoConfigBuilder offPolicyMaskThreshold(double value) {
        offPolicyMaskThreshold = OptionalDouble.of(value);
        return this;
    }

    /** Price of a nat of KL. */
    public GrpoConfigBuilder beta(double value) {
        beta = value;
        return this;
    }

    /** Whether the KL of a token is weighted by its ratio; absent: true. */
    public GrpoConfigBuilder useBiasCorrectionKl(boolean value) {
        useBiasCorrectionKl = Optional.of(value);
        return this;
    }

    /** The reference; absent: the model that training starts from. */
    public GrpoConfigBuilder refModel(ModelReference value) {
        refModel = Optional.of(value);
        return this;
    }

    /** Whether the reference follows the policy. */
    public GrpoConfigBuilder syncRefModel(boolean value) {
        syncRefModel = value;
        return this;
    }

    /** Weight of the policy in the mixture that becomes the reference; with syncRefModel, absent: 0.6. */
    public GrpoConfigBuilder refModelMixupAlpha(double value) {
        refModelMixupAlpha = OptionalDouble.of(value);
        return this;
    }

    /** Optimiser steps from one mixture to the next; with syncRefModel, absent: 512. */
    public GrpoConfigBuilder refModelSyncSteps(long value) {
        refModelSyncSteps = OptionalLong.of(value);
        return this;
    }

    /** The config. */
    public GrpoConfig build() {
        return new GrpoConfig(
                model,
                dataset,
                rollouts,
                new PromptConfig(maxPromptLength, splitSpecialTokens, applyChatTemplate, structuredOutputs),
                new GenerationConfig(
                        numGenerations,
                        maxCompletionLength,
                        temperature,
                        stepsPerGeneration,
                        numIterations,
                        maskTruncatedCompletions,
                        numCompletionsToPrint),
                new RewardChoiceConfig(rewardModel, rewardFunction, new RewardsConfig(rewards)),
                new DynamicSamplingConfig(filterGroups, maxNumGenBatches),
                scaleRewards,
                multiObjectiveAggregation,
                new GrpoLossConfig(
                        lossType,
                        importanceSamplingLevel,
                        epsilon,
                        epsilonHigh,
                        delta,
                        sapoTemperaturePos,
                        sapoTemperatureNeg,
                        topEntropyQuantile,
                        entropyCoef,
                        offPolicyMaskThreshold,
                        useBiasCorrectionKl),
                new GroupReferenceConfig(
                        beta, refModel, new ReferenceSyncConfig(syncRefModel, refModelMixupAlpha, refModelSyncSteps)),
                tuning,
                training);
    }
}
