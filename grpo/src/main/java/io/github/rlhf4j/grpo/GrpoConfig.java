package io.github.rlhf4j.grpo;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.stage.TuningConfig;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.rollout.PromptConfig;
import io.github.rlhf4j.rollout.RewardChoiceConfig;
import java.util.Optional;

/**
 * The config of a stage of type {@code grpo}, in groups whose keys are at one level in a run file. Steps are optimiser steps on batch_size prompts with num_generations responses each.
 *
 * <p>In Java: {@code GrpoConfig.builder(model, dataset).rewardFunction("length").beta(0.04).build()}.
 *
 * @param model the policy to start from
 * @param dataset anything with prompts
 * @param rollouts stored responses with rewards, in the place of dataset and reward
 * @param prompts how prompts are read
 * @param generation how they are answered
 * @param rewards what judges the answers
 * @param dynamicSampling which groups are drawn again
 * @param scaleRewards what advantages are divided by
 * @param multiObjectiveAggregation whether rewards are summed and then scaled, or scaled each and then summed
 * @param loss what is minimised
 * @param sampler what responses are sampled with
 * @param reference what leaving it costs
 * @param tuning whether an adapter is trained
 * @param training what every training stage has
 */
public record GrpoConfig(
        ModelReference model,
        Optional<DatasetSpec> dataset,
        Optional<DatasetSpec> rollouts,
        PromptConfig prompts,
        GenerationConfig generation,
        RewardChoiceConfig rewards,
        DynamicSamplingConfig dynamicSampling,
        ScaleRewards scaleRewards,
        MultiObjectiveAggregation multiObjectiveAggregation,
        GrpoLossConfig loss,
        SamplerConfig sampler,
        GroupReferenceConfig reference,
        TuningConfig tuning,
        TrainingConfig training)
        implements GroupConfig {
    public GrpoConfig {
        GroupChecks.check(dataset, rollouts, rewards, dynamicSampling, training);
        GroupChecks.check(model, tuning, reference);
        GroupChecks.checkStructure(prompts, rollouts);
        GroupChecks.check(generation, rollouts, dynamicSampling);
        GroupChecks.check(sampler, generation, rollouts);
        checkConfig(
                multiObjectiveAggregation == MultiObjectiveAggregation.SUM_THEN_NORMALIZE
                        || scaleRewards == ScaleRewards.GROUP,
                "multi_objective_aggregation",
                "normalize_then_sum",
                "scales each reward by its group, so scale_rewards must be group");
        checkConfig(
                reference.beta() > 0 || loss.useBiasCorrectionKl().isEmpty(),
                "use_bias_correction_kl",
                loss.useBiasCorrectionKl().orElse(true),
                GroupReferenceConfig.NEEDS_BETA);
    }

    /** Every key at its default but for those that have none; {@code rewardModel} or {@code rewardFunction} is to be set. */
    public static GrpoConfigBuilder builder(ModelReference model, DatasetSpec dataset) {
        return new GrpoConfigBuilder(model, Optional.of(dataset), Optional.empty());
    }

    /** The same for stored responses, which have rewards. */
    public static GrpoConfigBuilder replaying(ModelReference model, DatasetSpec rollouts) {
        return new GrpoConfigBuilder(model, Optional.empty(), Optional.of(rollouts));
    }

    /** Starts from this config. */
    public GrpoConfigBuilder toBuilder() {
        return new GrpoConfigBuilder(this);
    }
}
