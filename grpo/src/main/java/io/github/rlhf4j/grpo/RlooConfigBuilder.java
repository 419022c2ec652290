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

/** Sets the keys of a {@link RlooConfig} one by one; the methods are the run file's keys, which docs/algorithms/rloo.md explains. Nothing is checked before {@link #build}. */
public final class RlooConfigBuilder {
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
    private boolean filterGroups;
    private OptionalInt maxNumGenBatches;
    private boolean normalizeAdvantages;
    private List<Double> rewardClipRange;
    private double epsilon;
    private OptionalDouble epsilonHigh;
    private double beta;
    private Optional<ModelReference> refModel;
    private boolean syncRefModel;
    private OptionalDouble refModelMixupAlpha;
    private OptionalLong refModelSyncSteps;
    private TuningConfig tuning = TuningConfig.NONE;

    RlooConfigBuilder(ModelReference model, Optional<DatasetSpec> dataset, Optional<DatasetSpec> rollouts) {
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
        numGenerations = 2;
        rewardModel = Optional.empty();
        rewardFunction = Optional.empty();
        rewards = List.of();
        set(DynamicSamplingConfig.NONE);
        set(RlooAdvantageConfig.DEFAULT);
        set(RlooClipConfig.DEFAULT);
        set(GroupReferenceConfig.DEFAULT);
        beta = 0.05;
    }

    RlooConfigBuilder(RlooConfig from) {
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
        set(from.advantages());
        set(from.clipping());
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

    private void set(RlooAdvantageConfig advantages) {
        normalizeAdvantages = advantages.normalizeAdvantages();
        rewardClipRange = advantages.rewardClipRange();
    }

    private void set(RlooClipConfig clipping) {
        epsilon = clipping.epsilon();
        epsilonHigh = clipping.epsilonHigh();
    }

    private void set(GroupReferenceConfig reference) {
        beta = reference.beta();
        refModel = reference.refModel();
        syncRefModel = reference.sync().syncRefModel();
        refModelMixupAlpha = reference.sync().refModelMixupAlpha();
        refModelSyncSteps = reference.sync().refModelSyncSteps();
    }

    /** Trains an adapter instead of the model's own weights. */
    public RlooConfigBuilder adapter(AdapterConfig value) {
        tuning = tuning.with(value);
        return this;
    }

    /** Makes the adapter that the model has a part of its weights first. */
    public RlooConfigBuilder mergeAdapter(boolean value) {
        tuning = tuning.withMergeAdapter(value);
        return this;
    }

    /** Holds the weights that the adapter is on in another form. */
    public RlooConfigBuilder baseWeights(WeightType value) {
        tuning = tuning.withBaseWeights(value);
        return this;
    }

    /** What every training stage has. */
    public RlooConfigBuilder training(TrainingConfig value) {
        training = value;
        return this;
    }

    /** Longest prompt in tokens; longer ones lose tokens on the left; 0: what leaves room for the response. */
    public RlooConfigBuilder maxPromptLength(int value) {
        maxPromptLength = value;
        return this;
    }

    /** Whether the text of a special token in the data stays text. */
    public RlooConfigBuilder splitSpecialTokens(boolean value) {
        splitSpecialTokens = value;
        return this;
    }

    /** What responses are held to; absent: nothing. */
    public RlooConfigBuilder structuredOutputs(StructuredOutputsConfig value) {
        structuredOutputs = Optional.of(value);
        return this;
    }

    /** Whether plain prompts go through the model's chat template; absent: they do not. */
    public RlooConfigBuilder applyChatTemplate(boolean value) {
        applyChatTemplate = Optional.of(value);
        return this;
    }

    /** Responses to each prompt, >= 2. */
    public RlooConfigBuilder numGenerations(int value) {
        numGenerations = value;
        return this;
    }

    /** Longest response, tokens with the end token. */
    public RlooConfigBuilder maxCompletionLength(int value) {
        maxCompletionLength = value;
        return this;
    }

    /** Of sampling and of all log-probs, > 0. */
    public RlooConfigBuilder temperature(double value) {
        temperature = value;
        return this;
    }

    /** Optimiser steps whose prompts are answered at once, before the first of them. */
    public RlooConfigBuilder stepsPerGeneration(int value) {
        stepsPerGeneration = value;
        return this;
    }

    /** How often each response is learnt from. */
    public RlooConfigBuilder numIterations(int value) {
        numIterations = value;
        return this;
    }

    /** Whether a response that did not end is left out of the loss. */
    public RlooConfigBuilder maskTruncatedCompletions(boolean value) {
        maskTruncatedCompletions = value;
        return this;
    }

    /** Responses of a generation in samples.jsonl; absent: all. */
    public RlooConfigBuilder numCompletionsToPrint(int value) {
        numCompletionsToPrint = OptionalInt.of(value);
        return this;
    }

    /** Several rewards, in the place of reward_model and reward_function. */
    public RlooConfigBuilder rewards(RewardEntry... values) {
        rewards = List.of(values);
        return this;
    }

    /** A model with a scalar head. */
    public RlooConfigBuilder rewardModel(ModelReference value) {
        rewardModel = Optional.of(value);
        return this;
    }

    /** The name of a bound {@link RewardFunction}. */
    public RlooConfigBuilder rewardFunction(String value) {
        rewardFunction = Optional.of(value);
        return this;
    }

    /** Whether groups whose responses have one reward give way to others. */
    public RlooConfigBuilder filterGroups(boolean value) {
        filterGroups = value;
        return this;
    }

    /** A generation draws at most so many times the prompts that it needs; with filterGroups, absent: 10. */
    public RlooConfigBuilder maxNumGenBatches(int value) {
        maxNumGenBatches = OptionalInt.of(value);
        return this;
    }

    /** Whether the advantages of a generation get mean 0 and standard deviation 1. */
    public RlooConfigBuilder normalizeAdvantages(boolean value) {
        normalizeAdvantages = value;
        return this;
    }

    /** The smallest and the largest reward, before the KL is taken off. */
    public RlooConfigBuilder rewardClipRange(double least, double most) {
        rewardClipRange = List.of(least, most);
        return this;
    }

    /** How far the ratio of a response may fall below 1, and rise above it without epsilonHigh. */
    public RlooConfigBuilder epsilon(double value) {
        epsilon = value;
        return this;
    }

    /** How far it may rise above 1; absent: epsilon. */
    public RlooConfigBuilder epsilonHigh(double value) {
        epsilonHigh = OptionalDouble.of(value);
        return this;
    }

    /** Price of a nat of KL. */
    public RlooConfigBuilder beta(double value) {
        beta = value;
        return this;
    }

    /** The reference; absent: the model that training starts from. */
    public RlooConfigBuilder refModel(ModelReference value) {
        refModel = Optional.of(value);
        return this;
    }

    /** Whether the reference follows the policy. */
    public RlooConfigBuilder syncRefModel(boolean value) {
        syncRefModel = value;
        return this;
    }

    /** Weight of the policy in the mixture that becomes the reference; with syncRefModel, absent: 0.6. */
    public RlooConfigBuilder refModelMixupAlpha(double value) {
        refModelMixupAlpha = OptionalDouble.of(value);
        return this;
    }

    /** Optimiser steps from one mixture to the next; with syncRefModel, absent: 512. */
    public RlooConfigBuilder refModelSyncSteps(long value) {
        refModelSyncSteps = OptionalLong.of(value);
        return this;
    }

    /** The config. */
    public RlooConfig build() {
        return new RlooConfig(
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
                new RlooAdvantageConfig(normalizeAdvantages, rewardClipRange),
                new RlooClipConfig(epsilon, epsilonHigh),
                new GroupReferenceConfig(
                        beta, refModel, new ReferenceSyncConfig(syncRefModel, refModelMixupAlpha, refModelSyncSteps)),
                tuning,
                training);
    }
}
