package io.github.rlhf4j.ppo;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.stage.TuningConfig;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.rollout.PromptConfig;
import java.util.Set;

/**
 * The config of a stage of type {@code ppo}, in groups whose keys are at one level in a run file. Steps, max_steps, save_steps and schedules count iterations: one roll-out of batch_size prompts and its updates.
 *
 * <p>In Java: {@code PpoConfig.builder(model, dataset).rewardFunction("length").klCoef(0.1).build()}.
 *
 * @param model the policy to start from
 * @param dataset anything with prompts
 * @param prompts how they are read
 * @param rollouts how many there are and how they are sampled
 * @param scores where they come from
 * @param kl what leaving the reference costs
 * @param values the value model
 * @param advantages how they are estimated
 * @param policy its updates
 * @param pretraining PPO-ptx
 * @param tuning whether adapters are trained, of policy and value model on one base
 * @param training what every training stage has
 */
public record PpoConfig(
        ModelReference model,
        DatasetSpec dataset,
        PromptConfig prompts,
        RolloutConfig rollouts,
        ScoreConfig scores,
        KlConfig kl,
        ValueConfig values,
        AdvantageConfig advantages,
        PolicyConfig policy,
        PretrainingConfig pretraining,
        TuningConfig tuning,
        TrainingConfig training) {
    public PpoConfig {
        tuning.checkKeysFor(model);
        checkConfig(
                !tuning.trainsAdapter(model) || !values.shared(),
                "value",
                "shared",
                "must be separate where an adapter is trained: the value model then is another adapter on the same weights");
        training.checkEvaluation(Set.of());
        checkConfig(
                policy.numMiniBatches() >= 1 && training.batchSize() % policy.numMiniBatches() == 0,
                "num_mini_batches",
                policy.numMiniBatches(),
                "must be >= 1 and divide batch_size = " + training.batchSize());
        checkConfig(
                prompts.structuredOutputs().isEmpty() || !rollouts.neverStops(),
                "structured_outputs",
                "given",
                "must be left out with stop_token: none, where responses do not end");
        checkConfig(
                rollouts.totalEpisodes() == 0 || training.data().maxSteps() == 0,
                "total_episodes",
                rollouts.totalEpisodes(),
                "must be 0 with max_steps, which says how long the stage is");
    }

    /** Every key at its default but for those that have none; {@code rewardModel} or {@code rewardFunction} is to be set. */
    public static PpoConfigBuilder builder(ModelReference model, DatasetSpec dataset) {
        return new PpoConfigBuilder(model, dataset);
    }

    /** Starts from this config. */
    public PpoConfigBuilder toBuilder() {
        return new PpoConfigBuilder(this);
    }

    /** Which prompts each iteration answers, and how many iterations there are. */
    TrainingConfig loopOver() {
        long iterations = rollouts.iterations(training.batchSize());
        return iterations == 0
                ? training
                : training.toBuilder().maxSteps(iterations).build();
    }

    /** The learning rate of an own value model. */
    double valueRate() {
        return values.valueLearningRate() > 0 ? values.valueLearningRate() : training.learningRate();
    }

    /** The loss of a mini-batch. */
    PpoLoss loss() {
        return new PpoLoss(
                policy.loss(),
                new ValueLoss(values.cliprangeValue()),
                values.vfCoef(),
                policy.entropyCoef(),
                policy.aggregation());
    }

    /** How rewards are made. */
    RewardShaping shaping() {
        return new RewardShaping(kl.klEstimator(), scores.rewardPlacement(), scores.missingEosPenalty());
    }
}
