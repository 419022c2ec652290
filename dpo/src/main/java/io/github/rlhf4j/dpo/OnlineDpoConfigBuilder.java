package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.stage.AdapterConfig;
import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.GivenKeys;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.ReferenceSyncConfig;
import io.github.rlhf4j.core.stage.RouterConfig;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.stage.TrainingConfigBuilder;
import io.github.rlhf4j.core.stage.TuningConfig;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.judge.JudgeConfig;
import io.github.rlhf4j.rollout.MissingEosConfig;
import io.github.rlhf4j.rollout.PromptConfig;
import io.github.rlhf4j.rollout.RewardChoiceConfig;
import io.github.rlhf4j.rollout.RewardEntry;
import io.github.rlhf4j.rollout.RewardsConfig;
import io.github.rlhf4j.rollout.SamplingConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/** Sets the keys of an {@link OnlineDpoConfig}; the methods are the run file's keys, or groups of them, which docs/algorithms/online_dpo.md explains. Nothing is checked before {@link #build}. */
public final class OnlineDpoConfigBuilder {
    private static final int MAX_NEW_TOKENS = 64;
    private static final double TEMPERATURE = 0.9;

    private final ModelReference model;
    private final Optional<DatasetSpec> dataset;
    private final Optional<DatasetSpec> rollouts;
    private PromptConfig prompts = PromptConfig.DEFAULT;
    private SamplingConfig sampling = SamplingConfig.of(MAX_NEW_TOKENS, TEMPERATURE);
    private Optional<ModelReference> rewardModel = Optional.empty();
    private Optional<String> rewardFunction = Optional.empty();
    private RewardsConfig rewards = RewardsConfig.NONE;
    private OptionalDouble missingEosPenalty = OptionalDouble.empty();
    private Optional<JudgeConfig> judge = Optional.empty();
    private List<Double> beta = OnlineLossConfig.DEFAULT.beta();
    private List<String> lossType = OnlineLossConfig.DEFAULT.lossType();
    private List<Double> lossWeights = List.of();
    private GivenKeys lossKeys = GivenKeys.NONE;
    private Optional<ModelReference> refModel = Optional.empty();
    private ReferenceSyncConfig sync = ReferenceSyncConfig.NONE;
    private RouterConfig routers = RouterConfig.NONE;
    private TuningConfig tuning = TuningConfig.NONE;
    private boolean logTokens;
    private TrainingConfig training = TrainingConfig.builder()
            .learningRate(5e-7)
            .numTrainEpochs(1)
            .loggingSteps(1)
            .build();

    OnlineDpoConfigBuilder(ModelReference model, Optional<DatasetSpec> dataset, Optional<DatasetSpec> rollouts) {
        this.model = model;
        this.dataset = dataset;
        this.rollouts = rollouts;
    }

    OnlineDpoConfigBuilder(OnlineDpoConfig from) {
        this(from.model(), from.dataset(), from.rollouts());
        prompts = from.prompts();
        sampling = from.sampling();
        rewardModel = from.rewards().rewardModel();
        rewardFunction = from.rewards().rewardFunction();
        rewards = from.rewards().list();
        missingEosPenalty = from.missingEos().missingEosPenalty();
        judge = from.judge();
        beta = from.loss().beta();
        lossType = from.loss().lossType();
        lossWeights = from.loss().lossWeights();
        lossKeys = from.lossKeys();
        refModel = from.refModel();
        sync = from.sync();
        routers = from.routers();
        tuning = from.tuning();
        logTokens = from.logTokens();
        training = from.training();
    }

    /** How prompts are read: max_prompt_length, split_special_tokens, apply_chat_template. */
    public OnlineDpoConfigBuilder prompts(PromptConfig value) {
        prompts = value;
        return this;
    }

    /** How they are answered: max_new_tokens, temperature, top_p, top_k, min_p, repetition_penalty, rollout_weights. */
    public OnlineDpoConfigBuilder sampling(SamplingConfig value) {
        sampling = value;
        return this;
    }

    /** A model with a scalar head that judges. */
    public OnlineDpoConfigBuilder rewardModel(ModelReference value) {
        rewardModel = Optional.of(value);
        return this;
    }

    /** The name of a function that judges. */
    public OnlineDpoConfigBuilder rewardFunction(String value) {
        rewardFunction = Optional.of(value);
        return this;
    }

    /** Several rewards, whose weighted sum judges. */
    public OnlineDpoConfigBuilder rewards(RewardEntry... entries) {
        rewards = new RewardsConfig(List.of(entries));
        return this;
    }

    /** Who says which response is the better one. */
    public OnlineDpoConfigBuilder judge(JudgeConfig value) {
        judge = Optional.of(value);
        return this;
    }

    /** What a response that did not end loses. */
    public OnlineDpoConfigBuilder missingEosPenalty(double value) {
        missingEosPenalty = OptionalDouble.of(value);
        return this;
    }

    /** Strength of the pull towards the reference; several: one for each epoch. */
    public OnlineDpoConfigBuilder beta(double... values) {
        beta = Arrays.stream(values).boxed().toList();
        return this;
    }

    /** Names of losses. */
    public OnlineDpoConfigBuilder lossType(String... names) {
        lossType = List.of(names);
        return this;
    }

    /** A weight for each loss; left out: 1 each. */
    public OnlineDpoConfigBuilder lossWeights(List<Double> values) {
        lossWeights = List.copyOf(values);
        return this;
    }

    /** A key that a loss declares, such as {@link PreferenceLosses#LABEL_SMOOTHING}. */
    public <T> OnlineDpoConfigBuilder set(ConfigKey<T> key, T value) {
        lossKeys = lossKeys.with(key, value);
        return this;
    }

    /** The reference; left out: the model that training starts from. */
    public OnlineDpoConfigBuilder refModel(ModelReference value) {
        refModel = Optional.of(value);
        return this;
    }

    /** The reference follows the policy: weight of the policy in the mixture, and optimiser steps from one mixture to the next. */
    public OnlineDpoConfigBuilder syncRefModel(double mixupAlpha, long steps) {
        sync = new ReferenceSyncConfig(true, OptionalDouble.of(mixupAlpha), OptionalLong.of(steps));
        return this;
    }

    /** Coefficient of the routers' loss of a mixture of experts; left out: config.json's. */
    public OnlineDpoConfigBuilder routerAuxLossCoef(double value) {
        routers = new RouterConfig(OptionalDouble.of(value));
        return this;
    }

    /** Trains an adapter instead of the model's own weights; the reference is then the model without it. */
    public OnlineDpoConfigBuilder adapter(AdapterConfig value) {
        tuning = tuning.with(value);
        return this;
    }

    /** Whether the adapter of a model {base, adapter} is merged first. */
    public OnlineDpoConfigBuilder mergeAdapter(boolean value) {
        tuning = tuning.withMergeAdapter(value);
        return this;
    }

    /** Whether samples.jsonl has text and log-prob of each token too. */
    public OnlineDpoConfigBuilder logTokens(boolean value) {
        logTokens = value;
        return this;
    }

    /** Changes what every training stage has. */
    public OnlineDpoConfigBuilder training(UnaryOperator<TrainingConfigBuilder> keys) {
        training = keys.apply(training.toBuilder()).build();
        return this;
    }

    /**
     * The config.
     *
     * @throws io.github.rlhf4j.core.stage.ConfigException naming the first key that is out of range
     */
    public OnlineDpoConfig build() {
        return new OnlineDpoConfig(
                model,
                dataset,
                rollouts,
                prompts,
                sampling,
                new RewardChoiceConfig(rewardModel, rewardFunction, rewards),
                new MissingEosConfig(missingEosPenalty),
                judge,
                new OnlineLossConfig(beta, lossType, lossWeights),
                lossKeys,
                refModel,
                sync,
                routers,
                tuning,
                logTokens,
                true,
                training);
    }
}
