package io.github.rlhf4j.grpo;

import io.github.rlhf4j.core.stage.AdapterConfig;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.ReferenceSyncConfig;
import io.github.rlhf4j.core.stage.StructuredOutputsConfig;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.stage.TuningConfig;
import io.github.rlhf4j.core.tensor.WeightType;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.rollout.ImportanceSampling;
import io.github.rlhf4j.rollout.PromptConfig;
import io.github.rlhf4j.rollout.RewardChoiceConfig;
import io.github.rlhf4j.rollout.RewardEntry;
import io.github.rlhf4j.rollout.RewardFunction;
import io.github.rlhf4j.rollout.RewardsConfig;
import io.github.rlhf4j.rollout.SamplingFilter;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Sets the keys that all stages have which learn from groups of responses; the methods are the run file's keys.
 *
 * @param <B> the builder of a stage's config
 */
public abstract sealed class GroupConfigBuilder<B extends GroupConfigBuilder<B>>
        permits GrpoConfigBuilder, RlooConfigBuilder {
    final ModelReference model;
    final Optional<DatasetSpec> dataset;
    final Optional<DatasetSpec> rollouts;
    TrainingConfig training;
    TuningConfig tuning = TuningConfig.NONE;
    private int maxPromptLength;
    private boolean splitSpecialTokens;
    private Optional<Boolean> applyChatTemplate;
    private Optional<StructuredOutputsConfig> structuredOutputs;
    private int numGenerations;
    private int maxCompletionLength;
    private double temperature;
    private double topP;
    private int topK;
    private double minP;
    private double repetitionPenalty;
    private int stepsPerGeneration;
    private int numIterations;
    private int staleness;
    private boolean maskTruncatedCompletions;
    private OptionalInt numCompletionsToPrint;
    private boolean logTokens;
    private Optional<ModelReference> rewardModel = Optional.empty();
    private Optional<String> rewardFunction = Optional.empty();
    private List<RewardEntry> rewards = List.of();
    private WeightType rolloutWeights;
    private Optional<ImportanceSampling> importanceSamplingMode;
    private OptionalDouble importanceSamplingClipMax;
    private boolean filterGroups;
    private OptionalInt maxNumGenBatches;
    private double beta;
    private Optional<ModelReference> refModel;
    private boolean syncRefModel;
    private OptionalDouble refModelMixupAlpha;
    private OptionalLong refModelSyncSteps;

    /** The defaults of grpo-defaults.yaml. */
    GroupConfigBuilder(ModelReference model, Optional<DatasetSpec> dataset, Optional<DatasetSpec> rollouts) {
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
        set(SamplerConfig.DEFAULT);
        set(DynamicSamplingConfig.NONE);
        set(GroupReferenceConfig.DEFAULT);
    }

    GroupConfigBuilder(GroupConfig from) {
        model = from.model();
        dataset = from.dataset();
        rollouts = from.rollouts();
        training = from.training();
        tuning = from.tuning();
        set(from.prompts());
        set(from.generation());
        set(from.sampler());
        rewardModel = from.rewards().rewardModel();
        rewardFunction = from.rewards().rewardFunction();
        rewards = from.rewards().list().rewards();
        set(from.dynamicSampling());
        set(from.reference());
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
        topP = generation.filter().topP();
        topK = generation.filter().topK();
        minP = generation.filter().minP();
        repetitionPenalty = generation.filter().repetitionPenalty();
        stepsPerGeneration = generation.stepsPerGeneration();
        numIterations = generation.numIterations();
        staleness = generation.staleness();
        maskTruncatedCompletions = generation.maskTruncatedCompletions();
        numCompletionsToPrint = generation.numCompletionsToPrint();
        logTokens = generation.logTokens();
    }

    private void set(SamplerConfig sampler) {
        rolloutWeights = sampler.rolloutWeights();
        importanceSamplingMode = sampler.importanceSamplingMode();
        importanceSamplingClipMax = sampler.importanceSamplingClipMax();
    }

    private void set(DynamicSamplingConfig sampling) {
        filterGroups = sampling.filterGroups();
        maxNumGenBatches = sampling.maxNumGenBatches();
    }

    private void set(GroupReferenceConfig reference) {
        beta = reference.beta();
        refModel = reference.refModel();
        syncRefModel = reference.sync().syncRefModel();
        refModelMixupAlpha = reference.sync().refModelMixupAlpha();
        refModelSyncSteps = reference.sync().refModelSyncSteps();
    }

    abstract B self();

    /** Trains an adapter instead of the model's own weights. */
    public B adapter(AdapterConfig value) {
        tuning = tuning.with(value);
        return self();
    }

    /** Makes the adapter that the model has a part of its weights first. */
    public B mergeAdapter(boolean value) {
        tuning = tuning.withMergeAdapter(value);
        return self();
    }

    /** Holds the weights that the adapter is on in another form. */
    public B baseWeights(WeightType value) {
        tuning = tuning.withBaseWeights(value);
        return self();
    }

    /** What every training stage has. */
    public B training(TrainingConfig value) {
        training = value;
        return self();
    }

    /** Longest prompt in tokens; longer ones lose tokens on the left; 0: what leaves room for the response. */
    public B maxPromptLength(int value) {
        maxPromptLength = value;
        return self();
    }

    /** Whether the text of a special token in the data stays text. */
    public B splitSpecialTokens(boolean value) {
        splitSpecialTokens = value;
        return self();
    }

    /** What responses are held to; absent: nothing. */
    public B structuredOutputs(StructuredOutputsConfig value) {
        structuredOutputs = Optional.of(value);
        return self();
    }

    /** Whether plain prompts go through the model's chat template; absent: they do not. */
    public B applyChatTemplate(boolean value) {
        applyChatTemplate = Optional.of(value);
        return self();
    }

    /** Responses to each prompt, >= 2. */
    public B numGenerations(int value) {
        numGenerations = value;
        return self();
    }

    /** Longest response, tokens with the end token. */
    public B maxCompletionLength(int value) {
        maxCompletionLength = value;
        return self();
    }

    /** Of sampling and of all log-probs, > 0. */
    public B temperature(double value) {
        temperature = value;
        return self();
    }

    /** Probability of the tokens that are drawn from, in (0, 1]; 1: all. */
    public B topP(double value) {
        topP = value;
        return self();
    }

    /** How many tokens are drawn from; 0: all. */
    public B topK(int value) {
        topK = value;
        return self();
    }

    /** Least probability of a token that is drawn from, relative to the most likely one, in [0, 1); 0: all. */
    public B minP(double value) {
        minP = value;
        return self();
    }

    /** Of tokens that occurred, > 0; 1: none. */
    public B repetitionPenalty(double value) {
        repetitionPenalty = value;
        return self();
    }

    /** Optimiser steps whose prompts are answered at once, before the first of them. */
    public B stepsPerGeneration(int value) {
        stepsPerGeneration = value;
        return self();
    }

    /** How often each response is learnt from. */
    public B numIterations(int value) {
        numIterations = value;
        return self();
    }

    /** How many generations responses wait before they are learnt from: 1 and more let workers sample while the policy trains. */
    public B staleness(int value) {
        staleness = value;
        return self();
    }

    /** What responses are sampled with; float32, bfloat16 or int8. */
    public B rolloutWeights(WeightType value) {
        rolloutWeights = value;
        return self();
    }

    /** What corrects for the sampler's other probabilities; absent: sequence_mask. */
    public B importanceSamplingMode(ImportanceSampling value) {
        importanceSamplingMode = Optional.of(value);
        return self();
    }

    /** The largest weight; absent: 3. */
    public B importanceSamplingClipMax(double value) {
        importanceSamplingClipMax = OptionalDouble.of(value);
        return self();
    }

    /** Whether a response that did not end is left out of the loss. */
    public B maskTruncatedCompletions(boolean value) {
        maskTruncatedCompletions = value;
        return self();
    }

    /** Responses of a generation in samples.jsonl; absent: all. */
    public B numCompletionsToPrint(int value) {
        numCompletionsToPrint = OptionalInt.of(value);
        return self();
    }

    /** Whether samples.jsonl has text, log-ratio, log-prob and advantage of each token too. */
    public B logTokens(boolean value) {
        logTokens = value;
        return self();
    }

    /** Several rewards, in the place of reward_model and reward_function. */
    public B rewards(RewardEntry... values) {
        rewards = List.of(values);
        return self();
    }

    /** A model with a scalar head. */
    public B rewardModel(ModelReference value) {
        rewardModel = Optional.of(value);
        return self();
    }

    /** The name of a bound {@link RewardFunction}. */
    public B rewardFunction(String value) {
        rewardFunction = Optional.of(value);
        return self();
    }

    /** Whether groups whose responses have one reward give way to others. */
    public B filterGroups(boolean value) {
        filterGroups = value;
        return self();
    }

    /** A generation draws at most so many times the prompts that it needs; with filterGroups, absent: 10. */
    public B maxNumGenBatches(int value) {
        maxNumGenBatches = OptionalInt.of(value);
        return self();
    }

    /** Price of a nat of KL. */
    public B beta(double value) {
        beta = value;
        return self();
    }

    /** The reference; absent: the model that training starts from. */
    public B refModel(ModelReference value) {
        refModel = Optional.of(value);
        return self();
    }

    /** Whether the reference follows the policy. */
    public B syncRefModel(boolean value) {
        syncRefModel = value;
        return self();
    }

    /** Weight of the policy in the mixture that becomes the reference; with syncRefModel, absent: 0.6. */
    public B refModelMixupAlpha(double value) {
        refModelMixupAlpha = OptionalDouble.of(value);
        return self();
    }

    /** Optimiser steps from one mixture to the next; with syncRefModel, absent: 512. */
    public B refModelSyncSteps(long value) {
        refModelSyncSteps = OptionalLong.of(value);
        return self();
    }

    PromptConfig prompts() {
        return new PromptConfig(maxPromptLength, splitSpecialTokens, applyChatTemplate, structuredOutputs);
    }

    GenerationConfig generation() {
        return new GenerationConfig(
                numGenerations,
                maxCompletionLength,
                temperature,
                new SamplingFilter(topP, topK, minP, repetitionPenalty),
                stepsPerGeneration,
                numIterations,
                staleness,
                maskTruncatedCompletions,
                numCompletionsToPrint,
                logTokens);
    }

    SamplerConfig sampler() {
        return new SamplerConfig(rolloutWeights, importanceSamplingMode, importanceSamplingClipMax);
    }

    RewardChoiceConfig rewardChoice() {
        return new RewardChoiceConfig(rewardModel, rewardFunction, new RewardsConfig(rewards));
    }

    DynamicSamplingConfig dynamicSampling() {
        return new DynamicSamplingConfig(filterGroups, maxNumGenBatches);
    }

    GroupReferenceConfig reference() {
        return new GroupReferenceConfig(
                beta, refModel, new ReferenceSyncConfig(syncRefModel, refModelMixupAlpha, refModelSyncSteps));
    }
}
