package io.github.rlhf4j.grpo;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.StepsConfig;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.rollout.PromptConfig;
import java.util.Optional;
import java.util.Set;

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
 * @param loss what is minimised
 * @param reference what leaving it costs
 * @param training what every training stage has
 */
public record GrpoConfig(
        ModelReference model,
        Optional<DatasetSpec> dataset,
        Optional<DatasetSpec> rollouts,
        PromptConfig prompts,
        GenerationConfig generation,
        GroupRewardConfig rewards,
        GrpoLossConfig loss,
        GroupReferenceConfig reference,
        TrainingConfig training) {
    public GrpoConfig {
        training.checkEvaluation(Set.of());
        checkConfig(
                dataset.isPresent() != rollouts.isPresent(),
                "dataset",
                dataset.isPresent() ? "given together with rollouts" : "missing, as is rollouts",
                "must be given, or else rollouts, and not both");
        checkConfig(
                dataset.isEmpty() || rewards.isGiven(),
                "reward_model",
                "missing, as is reward_function",
                "must be given, or else reward_function");
        checkConfig(
                rollouts.isEmpty() || !rewards.isGiven(),
                rewards.rewardModel().isPresent() ? "reward_model" : "reward_function",
                "given",
                "must be left out with rollouts, which have rewards");
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

    /** Which prompts each step answers, and how many steps there are: each prompt takes part in num_iterations of them. Stored responses come in the order of their file. */
    TrainingConfig loopOver(Examples<?> rows) {
        StepsConfig steps = rollouts.isPresent() ? training.data().unshuffled() : training.data();
        if (steps.maxSteps() == 0 && generation.numIterations() > 1) {
            long once = (long) Math.ceil(Math.ceil((double) rows.size() / steps.batchSize()) * steps.numTrainEpochs());
            steps = new StepsConfig(
                    steps.batchSize(),
                    once * generation.numIterations(),
                    steps.numTrainEpochs(),
                    steps.shuffle(),
                    steps.dataSeed());
        }
        return training.with(steps);
    }
}
