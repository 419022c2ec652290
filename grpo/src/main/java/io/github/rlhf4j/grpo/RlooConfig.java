package io.github.rlhf4j.grpo;

import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.stage.TuningConfig;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.rollout.PromptConfig;
import io.github.rlhf4j.rollout.RewardChoiceConfig;
import java.util.Optional;

/**
 * The config of a stage of type {@code rloo}, in groups whose keys are at one level in a run file. Steps are optimiser steps on batch_size prompts with num_generations responses each.
 *
 * <p>In Java: {@code RlooConfig.builder(model, dataset).rewardFunction("length").numGenerations(4).build()}.
 *
 * @param model the policy to start from
 * @param dataset anything with prompts
 * @param rollouts stored responses with rewards, in the place of dataset and reward
 * @param prompts how prompts are read
 * @param generation how they are answered
 * @param rewards what judges the answers
 * @param dynamicSampling which groups are drawn again
 * @param advantages how rewards become advantages
 * @param clipping how far the ratio of a response may go
 * @param sampler what responses are sampled with
 * @param reference what leaving it costs
 * @param tuning whether an adapter is trained
 * @param training what every training stage has
 */
public record RlooConfig(
        ModelReference model,
        Optional<DatasetSpec> dataset,
        Optional<DatasetSpec> rollouts,
        PromptConfig prompts,
        GenerationConfig generation,
        RewardChoiceConfig rewards,
        DynamicSamplingConfig dynamicSampling,
        RlooAdvantageConfig advantages,
        RlooClipConfig clipping,
        SamplerConfig sampler,
        GroupReferenceConfig reference,
        TuningConfig tuning,
        TrainingConfig training)
        implements GroupConfig {
    public RlooConfig {
        GroupChecks.check(dataset, rollouts, rewards, dynamicSampling, training);
        GroupChecks.checkStructure(prompts, rollouts);
        GroupChecks.check(generation, rollouts, dynamicSampling);
        GroupChecks.check(sampler, generation, rollouts);
        GroupChecks.check(model, tuning, reference);
    }

    /** Every key at its default but for those that have none; {@code rewardModel} or {@code rewardFunction} is to be set. */
    public static RlooConfigBuilder builder(ModelReference model, DatasetSpec dataset) {
        return new RlooConfigBuilder(model, Optional.of(dataset), Optional.empty());
    }

    /** The same for stored responses, which have rewards. */
    public static RlooConfigBuilder replaying(ModelReference model, DatasetSpec rollouts) {
        return new RlooConfigBuilder(model, Optional.empty(), Optional.of(rollouts));
    }

    /** Starts from this config. */
    public RlooConfigBuilder toBuilder() {
        return new RlooConfigBuilder(this);
    }
}
