package io.github.rlhf4j.grpo;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.stage.TuningConfig;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.rollout.PromptConfig;
import io.github.rlhf4j.rollout.RewardChoiceConfig;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What does not go together in a {@link GroupConfig}. */
final class GroupChecks {
    private GroupChecks() {}

    static void check(
            Optional<DatasetSpec> dataset,
            Optional<DatasetSpec> rollouts,
            RewardChoiceConfig rewards,
            DynamicSamplingConfig dynamicSampling,
            TrainingConfig training) {
        boolean stored = rollouts.isPresent();
        training.checkEvaluation(Set.of());
        checkConfig(
                dataset.isPresent() != stored,
                "dataset",
                stored ? "given together with rollouts" : "missing, as is rollouts",
                "must be given, or else rollouts, and not both");
        checkConfig(
                stored || rewards.isGiven(),
                "reward_model",
                "missing, as are reward_function and rewards",
                "must be given, or else reward_function or rewards");
        checkConfig(
                !stored || !rewards.isGiven(),
                rewards.key(),
                "given",
                "must be left out with rollouts, which have rewards");
        checkConfig(
                !stored || !training.shuffle(),
                "shuffle",
                true,
                "must be false with rollouts, whose order is that of their file");
        checkConfig(
                !stored || !dynamicSampling.filterGroups(),
                "filter_groups",
                true,
                "must be false with rollouts: stored responses cannot be drawn again");
    }

    static void checkStructure(PromptConfig prompts, Optional<DatasetSpec> rollouts) {
        checkConfig(
                rollouts.isEmpty() || prompts.structuredOutputs().isEmpty(),
                "structured_outputs",
                "given",
                "must be left out with rollouts, which are there already");
    }

    static void check(
            GenerationConfig generation, Optional<DatasetSpec> rollouts, DynamicSamplingConfig dynamicSampling) {
        checkConfig(
                generation.staleness() == 0 || rollouts.isEmpty(),
                "staleness",
                generation.staleness(),
                "must be 0 with rollouts, which are there already");
        checkConfig(
                generation.staleness() == 0 || !dynamicSampling.filterGroups(),
                "staleness",
                generation.staleness(),
                "must be 0 with filter_groups, which draws again by the scores of what was drawn");
        String given = generation.filter().firstGiven();
        checkConfig(
                rollouts.isEmpty() || given.isEmpty(),
                given,
                "given",
                "must be left out with rollouts, which are there already");
    }

    /** Of a sampler that is another policy. */
    static void check(SamplerConfig sampler, GenerationConfig generation, Optional<DatasetSpec> rollouts) {
        String given = sampler.rolloutWeights().name().toLowerCase(Locale.ROOT);
        checkConfig(
                !sampler.isRounded() || rollouts.isEmpty(),
                "rollout_weights",
                given,
                "must be float32 with rollouts, which are there already");
        checkConfig(
                !sampler.isRounded() || generation.staleness() == 0,
                "rollout_weights",
                given,
                "must be float32 with staleness, whose ratio starts from the sampler's log-probs");
    }

    /** Of an adapter. */
    static void check(ModelReference model, TuningConfig tuning, GroupReferenceConfig reference) {
        tuning.checkKeysFor(model);
        checkConfig(
                !tuning.trainsAdapter(model) || !reference.sync().syncRefModel(),
                "sync_ref_model",
                true,
                "must be false where an adapter is trained: the reference is then the model without it, which does not change");
    }
}
