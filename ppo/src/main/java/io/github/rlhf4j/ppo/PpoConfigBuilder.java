package io.github.rlhf4j.ppo;

import io.github.rlhf4j.core.stage.AdapterConfig;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.StructuredOutputsConfig;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.stage.TuningConfig;
import io.github.rlhf4j.core.tensor.WeightType;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.rollout.KlEstimator;
import io.github.rlhf4j.rollout.PromptConfig;
import io.github.rlhf4j.rollout.RewardChoiceConfig;
import io.github.rlhf4j.rollout.RewardEntry;
import io.github.rlhf4j.rollout.RewardFunction;
import io.github.rlhf4j.rollout.RewardsConfig;
import java.util.List;
import java.util.Optional;

/** Sets the keys of a {@link PpoConfig} one by one; the methods are the run file's keys, which docs/algorithms/ppo.md explains. Nothing is checked before {@link #build}. */
public final class PpoConfigBuilder {
    private final ModelReference model;
    private final DatasetSpec dataset;
    private TrainingConfig training;
    private int maxPromptLength;
    private boolean splitSpecialTokens;
    private Optional<Boolean> applyChatTemplate;
    private Optional<StructuredOutputsConfig> structuredOutputs;
    private int responseLength;
    private double temperature;
    private int numSampleGenerations;
    private boolean logTokens;
    private long totalEpisodes;
    private Optional<RolloutConfig.StopToken> stopToken;
    private Optional<Integer> stopTokenId;
    private RolloutConfig.OldLogProbs oldLogProbs;
    private double importanceSamplingClipMax;
    private boolean exactOnPolicy;
    private WeightType rolloutWeights;
    private int staleness;
    private Optional<ModelReference> rewardModel;
    private Optional<String> rewardFunction;
    private List<RewardEntry> rewards;
    private ScoreConfig.RewardNormalization rewardNormalization;
    private double rewardClip;
    private double missingEosPenalty;
    private RewardPlacement rewardPlacement;
    private Optional<ModelReference> refModel;
    private double klCoef;
    private KlEstimator klEstimator;
    private KlConfig.KlSchedule klController;
    private double klTarget;
    private double klHorizon;
    private ValueConfig.ValueKind value;
    private Optional<ModelReference> valueModel;
    private double valueLearningRate;
    private double vfCoef;
    private double cliprangeValue;
    private double gamma;
    private double lam;
    private boolean whitenRewards;
    private int numPpoEpochs;
    private int numMiniBatches;
    private double cliprange;
    private double dualClip;
    private double entropyCoef;
    private Aggregation aggregation;
    private double targetKl;
    private double maxRatio;
    private double emaDecay;
    private boolean disableDropout;
    private Optional<DatasetSpec> ptxDataset;
    private double ptxCoef;
    private int ptxBatchSize;
    private TuningConfig tuning = TuningConfig.NONE;

    PpoConfigBuilder(ModelReference model, DatasetSpec dataset) {
        this.model = model;
        this.dataset = dataset;
        training = TrainingConfig.builder()
                .learningRate(3e-6)
                .batchSize(64)
                .numTrainEpochs(1)
                .loggingSteps(1)
                .build();
        set(PromptConfig.DEFAULT);
        set(RolloutConfig.DEFAULT);
        rewardModel = Optional.empty();
        rewardFunction = Optional.empty();
        rewards = List.of();
        rewardNormalization = ScoreConfig.RewardNormalization.NONE;
        rewardClip = 0;
        missingEosPenalty = 0;
        rewardPlacement = RewardPlacement.END;
        set(KlConfig.DEFAULT);
        set(ValueConfig.DEFAULT);
        set(AdvantageConfig.DEFAULT);
        set(PolicyConfig.DEFAULT);
        set(PretrainingConfig.DEFAULT);
    }

    PpoConfigBuilder(PpoConfig from) {
        model = from.model();
        dataset = from.dataset();
        training = from.training();
        tuning = from.tuning();
        set(from.prompts());
        set(from.rollouts());
        set(from.scores());
        set(from.kl());
        set(from.values());
        set(from.advantages());
        set(from.policy());
        set(from.pretraining());
    }

    /** Trains an adapter instead of the model's own weights, and one for values. */
    public PpoConfigBuilder adapter(AdapterConfig value) {
        tuning = tuning.with(value);
        return this;
    }

    /** Makes the adapter that the model has a part of its weights first. */
    public PpoConfigBuilder mergeAdapter(boolean value) {
        tuning = tuning.withMergeAdapter(value);
        return this;
    }

    /** Holds the weights that the adapters are on in another form. */
    public PpoConfigBuilder baseWeights(WeightType value) {
        tuning = tuning.withBaseWeights(value);
        return this;
    }

    private void set(PromptConfig prompts) {
        maxPromptLength = prompts.maxPromptLength();
        splitSpecialTokens = prompts.splitSpecialTokens();
        applyChatTemplate = prompts.applyChatTemplate();
        structuredOutputs = prompts.structuredOutputs();
    }

    private void set(RolloutConfig rollouts) {
        responseLength = rollouts.responseLength();
        temperature = rollouts.temperature();
        numSampleGenerations = rollouts.numSampleGenerations();
        logTokens = rollouts.logTokens();
        totalEpisodes = rollouts.totalEpisodes();
        stopToken = rollouts.stopToken();
        stopTokenId = rollouts.stopTokenId();
        oldLogProbs = rollouts.oldLogProbs();
        importanceSamplingClipMax = rollouts.importanceSamplingClipMax();
        exactOnPolicy = rollouts.exactOnPolicy();
        rolloutWeights = rollouts.rolloutWeights();
        staleness = rollouts.staleness();
    }

    private void set(ScoreConfig scores) {
        rewardModel = scores.rewards().rewardModel();
        rewardFunction = scores.rewards().rewardFunction();
        rewards = scores.rewards().list().rewards();
        rewardNormalization = scores.rewardNormalization();
        rewardClip = scores.rewardClip();
        missingEosPenalty = scores.missingEosPenalty();
        rewardPlacement = scores.rewardPlacement();
    }

    private void set(KlConfig kl) {
        refModel = kl.refModel();
        klCoef = kl.klCoef();
        klEstimator = kl.klEstimator();
        klController = kl.klController();
        klTarget = kl.klTarget();
        klHorizon = kl.klHorizon();
    }

    private void set(ValueConfig values) {
        value = values.value();
        valueModel = values.valueModel();
        valueLearningRate = values.valueLearningRate();
        vfCoef = values.vfCoef();
        cliprangeValue = values.cliprangeValue();
    }

    private void set(AdvantageConfig advantages) {
        gamma = advantages.gamma();
        lam = advantages.lam();
        whitenRewards = advantages.whitenRewards();
    }

    private void set(PolicyConfig policy) {
        numPpoEpochs = policy.numPpoEpochs();
        numMiniBatches = policy.numMiniBatches();
        cliprange = policy.cliprange();
        dualClip = policy.dualClip();
        entropyCoef = policy.entropyCoef();
        aggregation = policy.aggregation();
        targetKl = policy.targetKl();
        maxRatio = policy.maxRatio();
        emaDecay = policy.emaDecay();
        disableDropout = policy.disableDropout();
    }

    private void set(PretrainingConfig pretraining) {
        ptxDataset = pretraining.ptxDataset();
        ptxCoef = pretraining.ptxCoef();
        ptxBatchSize = pretraining.ptxBatchSize();
    }

    /** What every training stage has. */
    public PpoConfigBuilder training(TrainingConfig value) {
        training = value;
        return this;
    }

    /** Longest prompt in tokens; longer ones lose tokens on the left; 0: what leaves room for the response. */
    public PpoConfigBuilder maxPromptLength(int value) {
        maxPromptLength = value;
        return this;
    }

    /** Whether the text of a special token in the data stays text. */
    public PpoConfigBuilder splitSpecialTokens(boolean value) {
        splitSpecialTokens = value;
        return this;
    }

    /** What responses are held to; absent: nothing. */
    public PpoConfigBuilder structuredOutputs(StructuredOutputsConfig value) {
        structuredOutputs = Optional.of(value);
        return this;
    }

    /** Whether plain prompts go through the model's chat template; absent: they do not. */
    public PpoConfigBuilder applyChatTemplate(boolean value) {
        applyChatTemplate = Optional.of(value);
        return this;
    }

    /** Longest response, tokens with the end token. */
    public PpoConfigBuilder responseLength(int value) {
        responseLength = value;
        return this;
    }

    /** Of sampling and of all log-probs, > 0. */
    public PpoConfigBuilder temperature(double value) {
        temperature = value;
        return this;
    }

    /** How many responses of every logged iteration go to samples.jsonl. */
    public PpoConfigBuilder numSampleGenerations(int value) {
        numSampleGenerations = value;
        return this;
    }

    /** Whether they have length, KL and advantage too, and log-ratio, advantage and value of each token. */
    public PpoConfigBuilder logTokens(boolean value) {
        logTokens = value;
        return this;
    }

    /** Responses of the whole stage, rounded up to whole iterations; 0: as max_steps or num_train_epochs says. */
    public PpoConfigBuilder totalEpisodes(long value) {
        totalEpisodes = value;
        return this;
    }

    /** Eos: the tokenizer's end tokens; none: every response has response_length tokens; absent: eos, unless there is a stop_token_id. */
    public PpoConfigBuilder stopToken(RolloutConfig.StopToken value) {
        stopToken = Optional.of(value);
        return this;
    }

    /** A token that ends responses instead. */
    public PpoConfigBuilder stopTokenId(int value) {
        stopTokenId = Optional.of(value);
        return this;
    }

    /** Whose log-probs of a response are the old ones. */
    public PpoConfigBuilder oldLogProbs(RolloutConfig.OldLogProbs value) {
        oldLogProbs = value;
        return this;
    }

    /** The largest weight of a token with old_log_probs: trainer; 0: 3. */
    public PpoConfigBuilder importanceSamplingClipMax(double value) {
        importanceSamplingClipMax = value;
        return this;
    }

    /** Whether the policy and the reference compute in the order of generation, so that sampler and trainer agree to the bit. */
    public PpoConfigBuilder exactOnPolicy(boolean value) {
        exactOnPolicy = value;
        return this;
    }

    /** {@code rollout_weights}: float32, bfloat16 or int8. */
    public PpoConfigBuilder rolloutWeights(WeightType value) {
        rolloutWeights = value;
        return this;
    }

    /** How many iterations responses wait before they are learnt from: 1 and more let workers sample while the policy trains. */
    public PpoConfigBuilder staleness(int value) {
        staleness = value;
        return this;
    }

    /** A model with a scalar head; exactly one of this and rewardFunction. */
    public PpoConfigBuilder rewardModel(ModelReference value) {
        rewardModel = Optional.of(value);
        return this;
    }

    /** The name of a bound {@link RewardFunction}. */
    public PpoConfigBuilder rewardFunction(String value) {
        rewardFunction = Optional.of(value);
        return this;
    }

    /** Several rewards, in the place of reward_model and reward_function. */
    public PpoConfigBuilder rewards(RewardEntry... values) {
        rewards = List.of(values);
        return this;
    }

    /** None, running, batch or stored. */
    public PpoConfigBuilder rewardNormalization(ScoreConfig.RewardNormalization value) {
        rewardNormalization = value;
        return this;
    }

    /** Scores are clipped to +- this after normalisation; 0: not. */
    public PpoConfigBuilder rewardClip(double value) {
        rewardClip = value;
        return this;
    }

    /** Subtracted from the score of a response that never ended. */
    public PpoConfigBuilder missingEosPenalty(double value) {
        missingEosPenalty = value;
        return this;
    }

    /** End or after_end. */
    public PpoConfigBuilder rewardPlacement(RewardPlacement value) {
        rewardPlacement = value;
        return this;
    }

    /** What the policy must stay near; default: model. */
    public PpoConfigBuilder refModel(ModelReference value) {
        refModel = Optional.of(value);
        return this;
    }

    /** Cost of a nat of divergence from the reference. */
    public PpoConfigBuilder klCoef(double value) {
        klCoef = value;
        return this;
    }

    /** K1, k2 or k3. */
    public PpoConfigBuilder klEstimator(KlEstimator value) {
        klEstimator = value;
        return this;
    }

    /** Fixed or adaptive. */
    public PpoConfigBuilder klController(KlConfig.KlSchedule value) {
        klController = value;
        return this;
    }

    /** Nats a response that the adaptive controller steers to; 0: 6. */
    public PpoConfigBuilder klTarget(double value) {
        klTarget = value;
        return this;
    }

    /** Responses over which it does; 0: 10,000. */
    public PpoConfigBuilder klHorizon(double value) {
        klHorizon = value;
        return this;
    }

    /** Own: a model of its own; shared: a head on the policy's trunk. */
    public PpoConfigBuilder value(ValueConfig.ValueKind value) {
        this.value = value;
        return this;
    }

    /** Where an own value model starts from; default: reward_model, or else the policy's trunk with a new head. */
    public PpoConfigBuilder valueModel(ModelReference value) {
        valueModel = Optional.of(value);
        return this;
    }

    /** Of an own value model; 0: learning_rate. */
    public PpoConfigBuilder valueLearningRate(double value) {
        valueLearningRate = value;
        return this;
    }

    /** Weight of the value loss. */
    public PpoConfigBuilder vfCoef(double value) {
        vfCoef = value;
        return this;
    }

    /** How far the value may leave the old value. */
    public PpoConfigBuilder cliprangeValue(double value) {
        cliprangeValue = value;
        return this;
    }

    /** Discount per token. */
    public PpoConfigBuilder gamma(double value) {
        gamma = value;
        return this;
    }

    /** Lambda of the advantage estimate. */
    public PpoConfigBuilder lam(double value) {
        lam = value;
        return this;
    }

    /** Whether rewards are whitened before the advantages (mean kept). */
    public PpoConfigBuilder whitenRewards(boolean value) {
        whitenRewards = value;
        return this;
    }

    /** Passes over each roll-out. */
    public PpoConfigBuilder numPpoEpochs(int value) {
        numPpoEpochs = value;
        return this;
    }

    /** Optimiser steps a pass. */
    public PpoConfigBuilder numMiniBatches(int value) {
        numMiniBatches = value;
        return this;
    }

    /** How far the ratio may leave 1. */
    public PpoConfigBuilder cliprange(double value) {
        cliprange = value;
        return this;
    }

    /** Bound on the loss where the advantage is negative, > 1; 0: none. */
    public PpoConfigBuilder dualClip(double value) {
        dualClip = value;
        return this;
    }

    /** Weight of the entropy bonus. */
    public PpoConfigBuilder entropyCoef(double value) {
        entropyCoef = value;
        return this;
    }

    /** Token or sequence. */
    public PpoConfigBuilder aggregation(Aggregation value) {
        aggregation = value;
        return this;
    }

    /** Stops an iteration's epochs once the approximate KL of a mini-batch exceeds it; 0: never. */
    public PpoConfigBuilder targetKl(double value) {
        targetKl = value;
        return this;
    }

    /** A mini-batch whose mean ratio exceeds it is skipped. */
    public PpoConfigBuilder maxRatio(double value) {
        maxRatio = value;
        return this;
    }

    /** Of the moving average of the policy, written to ema/; 0: none. */
    public PpoConfigBuilder emaDecay(double value) {
        emaDecay = value;
        return this;
    }

    /** Always true: sampling and training must see the same model. */
    public PpoConfigBuilder disableDropout(boolean value) {
        disableDropout = value;
        return this;
    }

    /** Texts or demonstrations whose likelihood is kept up (PPO-ptx). */
    public PpoConfigBuilder ptxDataset(DatasetSpec value) {
        ptxDataset = Optional.of(value);
        return this;
    }

    /** Weight of that loss, > 0 with a ptx_dataset. */
    public PpoConfigBuilder ptxCoef(double value) {
        ptxCoef = value;
        return this;
    }

    /** Examples of it in each mini-batch. */
    public PpoConfigBuilder ptxBatchSize(int value) {
        ptxBatchSize = value;
        return this;
    }

    /**
     * The config.
     *
     * @throws io.github.rlhf4j.core.stage.ConfigException which names the key that is out of its range
     */
    public PpoConfig build() {
        return new PpoConfig(
                model,
                dataset,
                new PromptConfig(maxPromptLength, splitSpecialTokens, applyChatTemplate, structuredOutputs),
                new RolloutConfig(
                        responseLength,
                        temperature,
                        numSampleGenerations,
                        logTokens,
                        totalEpisodes,
                        stopToken,
                        stopTokenId,
                        oldLogProbs,
                        importanceSamplingClipMax,
                        exactOnPolicy,
                        rolloutWeights,
                        staleness),
                new ScoreConfig(
                        new RewardChoiceConfig(rewardModel, rewardFunction, new RewardsConfig(rewards)),
                        rewardNormalization,
                        rewardClip,
                        missingEosPenalty,
                        rewardPlacement),
                new KlConfig(refModel, klCoef, klEstimator, klController, klTarget, klHorizon),
                new ValueConfig(value, valueModel, valueLearningRate, vfCoef, cliprangeValue),
                new AdvantageConfig(gamma, lam, whitenRewards),
                new PolicyConfig(
                        numPpoEpochs,
                        numMiniBatches,
                        cliprange,
                        dualClip,
                        entropyCoef,
                        aggregation,
                        targetKl,
                        maxRatio,
                        emaDecay,
                        disableDropout),
                new PretrainingConfig(ptxDataset, ptxCoef, ptxBatchSize),
                tuning,
                training);
    }
}
