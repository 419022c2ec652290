package io.github.rlhf4j.bestofn;

import io.github.rlhf4j.core.stage.AdapterConfig;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.stage.TrainingConfigBuilder;
import io.github.rlhf4j.core.stage.TuningConfig;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.rollout.MissingEosConfig;
import io.github.rlhf4j.rollout.PromptConfig;
import io.github.rlhf4j.rollout.RewardChoiceConfig;
import io.github.rlhf4j.rollout.RewardEntry;
import io.github.rlhf4j.rollout.RewardsConfig;
import io.github.rlhf4j.rollout.SamplingConfig;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.UnaryOperator;

/** Sets the keys of a {@link BestOfNConfig}; the methods are the run file's keys, or groups of them, which docs/algorithms/best_of_n.md explains. Nothing is checked before {@link #build}. */
public final class BestOfNConfigBuilder {
    static final TrainingConfig TRAINING = TrainingConfig.builder()
            .learningRate(2e-5)
            .numTrainEpochs(1)
            .loggingSteps(1)
            .build();

    private static final int MAX_NEW_TOKENS = 128;

    private final ModelReference model;
    private final DatasetSpec dataset;
    private PromptConfig prompts = PromptConfig.DEFAULT;
    private SamplingConfig sampling = SamplingConfig.of(MAX_NEW_TOKENS, 1);
    private int numGenerations = ChoiceConfig.DEFAULT.numGenerations();
    private Select select = ChoiceConfig.DEFAULT.select();
    private OptionalDouble minReward = OptionalDouble.empty();
    private OptionalDouble missingEosPenalty = OptionalDouble.empty();
    private Optional<String> accuracyFunction = Optional.empty();
    private Optional<ModelReference> rewardModel = Optional.empty();
    private Optional<String> rewardFunction = Optional.empty();
    private RewardsConfig rewards = RewardsConfig.NONE;
    private RoundsConfig rounds = RoundsConfig.NONE;
    private TuningConfig tuning = TuningConfig.NONE;
    private TrainingConfig training = TRAINING;

    BestOfNConfigBuilder(ModelReference model, DatasetSpec dataset) {
        this.model = model;
        this.dataset = dataset;
    }

    BestOfNConfigBuilder(BestOfNConfig from) {
        this(from.model(), from.dataset());
        prompts = from.prompts();
        sampling = from.sampling();
        numGenerations = from.choice().numGenerations();
        select = from.choice().select();
        minReward = from.choice().minReward();
        missingEosPenalty = from.choice().missingEos().missingEosPenalty();
        accuracyFunction = from.choice().accuracyFunction();
        rewardModel = from.rewards().rewardModel();
        rewardFunction = from.rewards().rewardFunction();
        rewards = from.rewards().list();
        rounds = from.rounds();
        tuning = from.tuning();
        training = from.training();
    }

    /** How prompts are read: max_prompt_length, split_special_tokens, apply_chat_template. */
    public BestOfNConfigBuilder prompts(PromptConfig value) {
        prompts = value;
        return this;
    }

    /** How they are answered: max_new_tokens, temperature, top_p, top_k, min_p, repetition_penalty, rollout_weights. */
    public BestOfNConfigBuilder sampling(SamplingConfig value) {
        sampling = value;
        return this;
    }

    /** n: responses to each prompt. */
    public BestOfNConfigBuilder numGenerations(int value) {
        numGenerations = value;
        return this;
    }

    /** What is kept of them. */
    public BestOfNConfigBuilder select(Select value) {
        select = value;
        return this;
    }

    /** Least reward of the best response. */
    public BestOfNConfigBuilder minReward(double value) {
        minReward = OptionalDouble.of(value);
        return this;
    }

    /** What a response that did not end loses. */
    public BestOfNConfigBuilder missingEosPenalty(double value) {
        missingEosPenalty = OptionalDouble.of(value);
        return this;
    }

    /** A function that the best response is measured by. */
    public BestOfNConfigBuilder accuracyFunction(String value) {
        accuracyFunction = Optional.of(value);
        return this;
    }

    /** A model with a scalar head that chooses. */
    public BestOfNConfigBuilder rewardModel(ModelReference value) {
        rewardModel = Optional.of(value);
        return this;
    }

    /** The name of a function that chooses. */
    public BestOfNConfigBuilder rewardFunction(String value) {
        rewardFunction = Optional.of(value);
        return this;
    }

    /** Several rewards, whose weighted sum chooses. */
    public BestOfNConfigBuilder rewards(RewardEntry... entries) {
        rewards = new RewardsConfig(List.of(entries));
        return this;
    }

    /** How often the model trains on what is kept and samples again. */
    public BestOfNConfigBuilder rounds(int value) {
        rounds = new RoundsConfig(value, rounds.promptsPerRound());
        return this;
    }

    /** The same with so many prompts each time. */
    public BestOfNConfigBuilder rounds(int value, int promptsPerRound) {
        rounds = new RoundsConfig(value, promptsPerRound);
        return this;
    }

    /** Trains an adapter instead of the model's own weights. */
    public BestOfNConfigBuilder adapter(AdapterConfig value) {
        tuning = tuning.with(value);
        return this;
    }

    /** Whether the adapter of a model {base, adapter} is merged first. */
    public BestOfNConfigBuilder mergeAdapter(boolean value) {
        tuning = tuning.withMergeAdapter(value);
        return this;
    }

    /** Changes batches and checkpoints, and with rounds what every training stage has. */
    public BestOfNConfigBuilder training(UnaryOperator<TrainingConfigBuilder> keys) {
        training = keys.apply(training.toBuilder()).build();
        return this;
    }

    /**
     * The config.
     *
     * @throws io.github.rlhf4j.core.stage.ConfigException naming the first key that is out of range
     */
    public BestOfNConfig build() {
        return new BestOfNConfig(
                model,
                dataset,
                prompts,
                sampling,
                new ChoiceConfig(
                        numGenerations, select, minReward, new MissingEosConfig(missingEosPenalty), accuracyFunction),
                new RewardChoiceConfig(rewardModel, rewardFunction, rewards),
                rounds,
                tuning,
                training);
    }
}
