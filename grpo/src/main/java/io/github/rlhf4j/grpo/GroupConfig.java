package io.github.rlhf4j.grpo;

import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.StepsConfig;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.stage.TuningConfig;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.rollout.PromptConfig;
import io.github.rlhf4j.rollout.RewardChoiceConfig;
import java.util.Optional;

/** What the configs of all stages have that learn from groups of responses. */
sealed interface GroupConfig permits GrpoConfig, RlooConfig {
    /** The policy to start from. */
    ModelReference model();

    /** Anything with prompts. */
    Optional<DatasetSpec> dataset();

    /** Stored responses with rewards, in the place of dataset and reward. */
    Optional<DatasetSpec> rollouts();

    /** How prompts are read. */
    PromptConfig prompts();

    /** How they are answered. */
    GenerationConfig generation();

    /** What judges the answers. */
    RewardChoiceConfig rewards();

    /** Which groups are drawn again. */
    DynamicSamplingConfig dynamicSampling();

    /** What responses are sampled with. */
    SamplerConfig sampler();

    /** What leaving it costs. */
    GroupReferenceConfig reference();

    /** Whether an adapter is trained. */
    TuningConfig tuning();

    /** What every training stage has. */
    TrainingConfig training();

    /** Which prompts each step answers, and how many steps there are: each prompt takes part in num_iterations of them. */
    default TrainingConfig loopOver(Examples<?> rows) {
        StepsConfig steps = training().data();
        if (steps.maxSteps() > 0 || generation().numIterations() == 1) {
            return training();
        }
        long once = (long) Math.ceil(Math.ceil((double) rows.size() / steps.batchSize()) * steps.numTrainEpochs());
        return training().toBuilder()
                .maxSteps(once * generation().numIterations())
                .build();
    }
}
