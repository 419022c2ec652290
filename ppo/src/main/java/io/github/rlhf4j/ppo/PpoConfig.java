package io.github.rlhf4j.ppo;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.StepsConfig;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.rollout.KlEstimator;
import io.github.rlhf4j.rollout.RewardFunction;
import java.util.Optional;
import java.util.Set;

/**
 * The config of a stage of type {@code ppo}. Steps, max_steps, save_steps and schedules count iterations: one roll-out of batch_size prompts and its updates.
 *
 * @param model the policy to start from
 * @param dataset anything with prompts
 * @param rewardModel a model with a scalar head; exactly one of this and rewardFunction
 * @param rewardFunction the name of a bound {@link RewardFunction}
 * @param refModel what the policy must stay near; default: model
 * @param valueModel where an own value model starts from; default: reward_model, or else the policy's trunk with a new head
 * @param value own: a model of its own; shared: a head on the policy's trunk
 * @param ptxDataset texts or demonstrations whose likelihood is kept up (PPO-ptx)
 * @param ptxCoef weight of that loss, > 0 with a ptx_dataset
 * @param ptxBatchSize examples of it in each mini-batch
 * @param maxPromptLength longest prompt in tokens; longer ones lose tokens on the left; 0: what leaves room for the response
 * @param splitSpecialTokens whether the text of a special token in the data stays text
 * @param applyChatTemplate whether plain prompts go through the model's chat template; absent: they do not
 * @param responseLength longest response, tokens with the end token
 * @param temperature of sampling and of all log-probs, > 0
 * @param numPpoEpochs passes over each roll-out
 * @param numMiniBatches optimiser steps a pass
 * @param cliprange how far the ratio may leave 1
 * @param cliprangeValue how far the value may leave the old value
 * @param dualClip bound on the loss where the advantage is negative, > 1; 0: none
 * @param vfCoef weight of the value loss
 * @param entropyCoef weight of the entropy bonus
 * @param gamma discount per token
 * @param lam lambda of the advantage estimate
 * @param whitenRewards whether rewards are whitened before the advantages (mean kept)
 * @param klCoef cost of a nat of divergence from the reference
 * @param klEstimator k1, k2 or k3
 * @param klController fixed or adaptive
 * @param klTarget nats a response that the adaptive controller steers to; 0: 6
 * @param klHorizon responses over which it does; 0: 10,000
 * @param missingEosPenalty subtracted from the score of a response that never ended
 * @param rewardNormalization none, running, batch or stored
 * @param rewardClip scores are clipped to +- this after normalisation; 0: not
 * @param rewardPlacement end or after_end
 * @param aggregation token or sequence
 * @param targetKl stops an iteration's epochs once the approximate KL of a mini-batch exceeds it; 0: never
 * @param maxRatio a mini-batch whose mean ratio exceeds it is skipped
 * @param emaDecay of the moving average of the policy, written to ema/; 0: none
 * @param valueLearningRate of an own value model; 0: learning_rate
 * @param disableDropout always true: sampling and training must see the same model
 * @param numSampleGenerations how many responses of every logged iteration go to samples.jsonl
 * @param rollouts how many there are and how they are sampled
 * @param training what every training stage has
 */
public record PpoConfig(
        ModelReference model,
        DatasetSpec dataset,
        Optional<ModelReference> rewardModel,
        Optional<String> rewardFunction,
        Optional<ModelReference> refModel,
        Optional<ModelReference> valueModel,
        ValueKind value,
        Optional<DatasetSpec> ptxDataset,
        double ptxCoef,
        int ptxBatchSize,
        int maxPromptLength,
        boolean splitSpecialTokens,
        Optional<Boolean> applyChatTemplate,
        int responseLength,
        double temperature,
        int numPpoEpochs,
        int numMiniBatches,
        double cliprange,
        double cliprangeValue,
        double dualClip,
        double vfCoef,
        double entropyCoef,
        double gamma,
        double lam,
        boolean whitenRewards,
        double klCoef,
        KlEstimator klEstimator,
        KlSchedule klController,
        double klTarget,
        double klHorizon,
        double missingEosPenalty,
        RewardNormalization rewardNormalization,
        double rewardClip,
        RewardPlacement rewardPlacement,
        Aggregation aggregation,
        double targetKl,
        double maxRatio,
        double emaDecay,
        double valueLearningRate,
        boolean disableDropout,
        int numSampleGenerations,
        RolloutConfig rollouts,
        TrainingConfig training) {
    /** Ziegler et al. 2019. */
    private static final double KL_TARGET = 6;

    private static final double KL_HORIZON = 10_000;

    /** Where values come from. */
    public enum ValueKind {
        OWN,
        SHARED
    }

    /** Whether kl_coef moves. */
    public enum KlSchedule {
        FIXED,
        ADAPTIVE
    }

    /** What happens to scores before they are rewards. */
    public enum RewardNormalization {
        NONE,
        RUNNING,
        BATCH,
        STORED
    }

    public PpoConfig {
        training.checkEvaluation(Set.of());
        checkConfig(
                rewardModel.isPresent() != rewardFunction.isPresent(),
                "reward_model",
                rewardModel.isPresent() ? "given together with reward_function" : "missing, as is reward_function",
                "must be given, or else reward_function, and not both");
        checkConfig(
                rewardNormalization != RewardNormalization.STORED || rewardModel.isPresent(),
                "reward_normalization",
                "stored",
                "must be none, running or batch without a reward_model");
        checkConfig(
                value == ValueKind.OWN || valueModel.isEmpty(),
                "value_model",
                valueModel.map(ModelReference::given).orElse(""),
                "does nothing with value: shared, so must be left out");
        checkConfig(
                value == ValueKind.OWN || valueLearningRate == 0,
                "value_learning_rate",
                valueLearningRate,
                "does nothing with value: shared, so must be 0");
        checkConfig(
                ptxDataset.isPresent() == ptxCoef > 0,
                "ptx_coef",
                ptxCoef,
                "must be > 0 with a ptx_dataset and 0 without");
        checkConfig(
                ptxDataset.isPresent() == ptxBatchSize > 0,
                "ptx_batch_size",
                ptxBatchSize,
                "must be >= 1 with a ptx_dataset and 0 without");
        checkConfig(
                maxPromptLength == 0 || maxPromptLength >= 2,
                "max_prompt_length",
                maxPromptLength,
                "must be >= 2, or 0 for what leaves room for the response");
        checkConfig(responseLength >= 1, "response_length", responseLength, "must be >= 1");
        checkConfig(
                temperature > 0 && Double.isFinite(temperature), "temperature", temperature, "must be finite and > 0");
        checkConfig(numPpoEpochs >= 1, "num_ppo_epochs", numPpoEpochs, "must be >= 1");
        checkConfig(
                numMiniBatches >= 1 && training.batchSize() % numMiniBatches == 0,
                "num_mini_batches",
                numMiniBatches,
                "must be >= 1 and divide batch_size = " + training.batchSize());
        checkConfig(cliprange > 0 && cliprange < 1, "cliprange", cliprange, "must be between 0 and 1");
        checkConfig(cliprangeValue > 0, "cliprange_value", cliprangeValue, "must be > 0");
        checkConfig(dualClip == 0 || dualClip > 1, "dual_clip", dualClip, "must be > 1, or 0 for none");
        checkConfig(vfCoef >= 0 && Double.isFinite(vfCoef), "vf_coef", vfCoef, "must be finite and >= 0");
        checkConfig(Double.isFinite(entropyCoef), "entropy_coef", entropyCoef, "must be finite");
        checkConfig(gamma >= 0 && gamma <= 1, "gamma", gamma, "must be between 0 and 1");
        checkConfig(lam >= 0 && lam <= 1, "lam", lam, "must be between 0 and 1");
        checkConfig(klCoef >= 0 && Double.isFinite(klCoef), "kl_coef", klCoef, "must be finite and >= 0");
        checkConfig(
                klController == KlSchedule.FIXED || klCoef > 0,
                "kl_coef",
                klCoef,
                "must be > 0 with kl_controller: adaptive");
        checkConfig(klTarget >= 0, "kl_target", klTarget, "must be > 0, or 0 for " + KL_TARGET);
        checkConfig(klHorizon >= 0, "kl_horizon", klHorizon, "must be > 0, or 0 for " + KL_HORIZON);
        checkOfAdaptive(klController, "kl_target", klTarget);
        checkOfAdaptive(klController, "kl_horizon", klHorizon);
        checkConfig(
                rollouts.totalEpisodes() == 0 || training.data().maxSteps() == 0,
                "total_episodes",
                rollouts.totalEpisodes(),
                "must be 0 with max_steps, which says how long the stage is");
        checkConfig(
                missingEosPenalty >= 0 && Double.isFinite(missingEosPenalty),
                "missing_eos_penalty",
                missingEosPenalty,
                "must be finite and >= 0");
        checkConfig(rewardClip >= 0, "reward_clip", rewardClip, "must be > 0, or 0 for none");
        checkConfig(targetKl >= 0, "target_kl", targetKl, "must be > 0, or 0 for none");
        checkConfig(maxRatio > 1, "max_ratio", maxRatio, "must be > 1");
        checkConfig(emaDecay >= 0 && emaDecay < 1, "ema_decay", emaDecay, "must be in [0, 1)");
        checkConfig(
                valueLearningRate >= 0 && Double.isFinite(valueLearningRate),
                "value_learning_rate",
                valueLearningRate,
                "must be > 0, or 0 for learning_rate");
        checkConfig(
                disableDropout,
                "disable_dropout",
                false,
                "must be true: sampling and training have to see the same model");
        checkConfig(numSampleGenerations >= 0, "num_sample_generations", numSampleGenerations, "must be >= 0");
    }

    private static void checkOfAdaptive(KlSchedule controller, String key, double value) {
        checkConfig(
                value == 0 || controller == KlSchedule.ADAPTIVE,
                key,
                value,
                "does nothing with kl_controller: fixed, so must be left out");
    }

    /** Which prompts each iteration answers, and how many iterations there are. */
    TrainingConfig loopOver() {
        StepsConfig steps = training.data();
        long iterations = rollouts.iterations(steps.batchSize());
        return iterations == 0
                ? training
                : training.with(new StepsConfig(
                        steps.batchSize(), iterations, steps.numTrainEpochs(), steps.shuffle(), steps.dataSeed()));
    }

    /** The learning rate of an own value model. */
    double valueRate() {
        return valueLearningRate > 0 ? valueLearningRate : training.learningRate();
    }

    /** The loss of a mini-batch. */
    PpoLoss loss() {
        PolicyLoss policy = new PolicyLoss(cliprange, cliprange, dualClip == 0 ? Double.POSITIVE_INFINITY : dualClip);
        return new PpoLoss(policy, new ValueLoss(cliprangeValue), vfCoef, entropyCoef, aggregation);
    }

    /** Scores are clipped to +- this; infinite: not. */
    double scoreLimit() {
        return rewardClip == 0 ? Double.POSITIVE_INFINITY : rewardClip;
    }

    /** Whether the policy starts as the reference. */
    boolean startsAtReference() {
        return refModel.orElse(model).directory().equals(model.directory());
    }

    /** The controller at the start. */
    KlController klControllerAtStart() {
        return klController == KlSchedule.FIXED
                ? new KlController.Fixed(klCoef)
                : new KlController.Adaptive(
                        klCoef, klTarget == 0 ? KL_TARGET : klTarget, klHorizon == 0 ? KL_HORIZON : klHorizon);
    }

    /** How rewards are made. */
    RewardShaping shaping() {
        return new RewardShaping(klEstimator, rewardPlacement, missingEosPenalty);
    }
}
