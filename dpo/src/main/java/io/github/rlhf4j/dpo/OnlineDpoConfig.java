package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.GivenKeys;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.ReferenceSyncConfig;
import io.github.rlhf4j.core.stage.ReplicasConfig;
import io.github.rlhf4j.core.stage.RouterConfig;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.stage.TuningConfig;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.training.DataConfig;
import io.github.rlhf4j.judge.JudgeConfig;
import io.github.rlhf4j.rollout.MissingEosConfig;
import io.github.rlhf4j.rollout.PromptConfig;
import io.github.rlhf4j.rollout.RewardChoiceConfig;
import io.github.rlhf4j.rollout.SamplingConfig;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The config of a stage of type {@code online_dpo}. A step samples two responses to each of batch_size prompts.
 *
 * @param model the policy to start from
 * @param dataset anything with prompts
 * @param rollouts stored responses with rewards, two a prompt, in the place of dataset and reward
 * @param prompts how prompts are read
 * @param sampling how they are answered
 * @param rewards which answer is the better one
 * @param missingEos what becomes of an answer that did not end
 * @param judge who says so instead of a reward
 * @param loss what is minimised
 * @param lossKeys the keys that losses declare
 * @param refModel the reference; absent: the model that training starts from
 * @param sync whether the reference follows the policy
 * @param routers of a mixture of experts
 * @param tuning what of the policy is trained
 * @param logTokens whether samples.jsonl has text and log-prob of each token too
 * @param disableDropout always true: the policy is compared with a reference that has none
 * @param training what every training stage has
 */
public record OnlineDpoConfig(
        ModelReference model,
        Optional<DatasetSpec> dataset,
        Optional<DatasetSpec> rollouts,
        PromptConfig prompts,
        SamplingConfig sampling,
        RewardChoiceConfig rewards,
        MissingEosConfig missingEos,
        Optional<JudgeConfig> judge,
        OnlineLossConfig loss,
        GivenKeys lossKeys,
        Optional<ModelReference> refModel,
        ReferenceSyncConfig sync,
        RouterConfig routers,
        TuningConfig tuning,
        boolean logTokens,
        boolean disableDropout,
        TrainingConfig training) {
    public OnlineDpoConfig {
        training.checkEvaluation(Set.of());
        tuning.checkKeysFor(model);
        checkConfig(
                dataset.isPresent() != rollouts.isPresent(),
                "dataset",
                dataset.isPresent() ? "given together with rollouts" : "missing, as is rollouts",
                "must be given, or else rollouts, and not both");
        checkConfig(
                dataset.isEmpty() || rewards.isGiven() || judge.isPresent(),
                "reward_model",
                "missing, as are reward_function, rewards and judge",
                "must be given, or else reward_function, rewards or judge");
        checkConfig(
                judge.isEmpty()
                        || !rewards.isGiven() && missingEos.missingEosPenalty().isEmpty(),
                "judge",
                "given together with a reward or missing_eos_penalty",
                "must be alone: it compares, and gives no scores");
        checkConfig(
                rollouts.isEmpty() || !rewards.isGiven() && judge.isEmpty(),
                judge.isPresent() ? "judge" : rewards.key(),
                "given",
                "must be left out with rollouts, which have rewards");
        checkConfig(
                rollouts.isEmpty() || prompts.structuredOutputs().isEmpty(),
                "structured_outputs",
                "given",
                "must be left out with rollouts, whose responses are there already");
        checkConfig(
                rollouts.isEmpty() || !sampling.isRounded(),
                "rollout_weights",
                sampling.rolloutWeights().name().toLowerCase(Locale.ROOT),
                "must be float32 with rollouts, whose responses are there already");
        checkConfig(
                !tuning.trainsAdapter(model) || !sync.syncRefModel(),
                "sync_ref_model",
                true,
                "must be false with adapter: the reference is the model without it");
        checkConfig(
                disableDropout,
                "disable_dropout",
                false,
                "must be true: the policy is compared with a reference that has no dropout");
    }

    /** The defaults of online_dpo-defaults.yaml; {@code rewardModel}, {@code rewardFunction} or {@code judge} is to be set. */
    public static OnlineDpoConfigBuilder builder(ModelReference model, DatasetSpec dataset) {
        return new OnlineDpoConfigBuilder(model, Optional.of(dataset), Optional.empty());
    }

    /** The same for stored responses, which have rewards. */
    public static OnlineDpoConfigBuilder replaying(ModelReference model, DatasetSpec rollouts) {
        return new OnlineDpoConfigBuilder(model, Optional.empty(), Optional.of(rollouts));
    }

    /** Starts from this config. */
    public OnlineDpoConfigBuilder toBuilder() {
        return new OnlineDpoConfigBuilder(this);
    }

    /** The reference as dpo knows it. */
    ReferenceConfig reference() {
        return new ReferenceConfig(refModel, false, sync);
    }

    /** What dpo would learn by, with one of the values of beta; ipo compares whole responses, as TRL's OnlineDPOTrainer, where ipo_length does not say otherwise. */
    DpoConfig of(double beta) {
        GivenKeys keys = lossKeys;
        boolean saysLength = keys.names().contains(PreferenceLosses.IPO_LENGTH.name());
        if (loss.lossType().contains("ipo") && !saysLength) {
            keys = keys.with(PreferenceLosses.IPO_LENGTH, IpoLength.SEQUENCE);
        }
        DatasetSpec rows = dataset.or(() -> rollouts).orElseThrow();
        return new DpoConfig(
                model,
                DataConfig.builder(rows).build(),
                reference(),
                loss.lossType(),
                loss.lossWeights(),
                routers,
                ReplicasConfig.NONE,
                tuning,
                WeightingConfig.NONE,
                beta,
                keys,
                true,
                training);
    }

    /** Which prompts each step answers; stored responses come in the order of their file. */
    TrainingConfig steps() {
        return rollouts.isPresent() ? training.with(training.data().unshuffled()) : training;
    }
}
