package io.github.rlhf4j.reward.process;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.ReplicasConfig;
import io.github.rlhf4j.core.stage.TrainedInParts;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.stage.TuningConfig;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.tokens.TruncationMode;
import io.github.rlhf4j.datasets.training.DataConfig;

/**
 * The config of a stage of type {@code process_reward}.
 *
 * @param model a language model, whose head is replaced by a new one of two labels, or a process reward model to go on with
 * @param data answers in steps, each labelled
 * @param steps how steps become tokens
 * @param parts what of it several workers can compute
 * @param tuning what of the model is trained; an adapter has the head of labels beside it, trained as a whole, as peft does
 * @param disableDropout always true: steps are scored without dropout
 * @param training what every training stage has
 */
public record ProcessRewardConfig(
        ModelReference model,
        DataConfig data,
        StepConfig steps,
        ReplicasConfig parts,
        TuningConfig tuning,
        boolean disableDropout,
        TrainingConfig training)
        implements TrainedInParts {
    public ProcessRewardConfig {
        training.checkEvaluation(data.evalNames());
        tuning.checkKeysFor(model);
        parts.checkFor(training);
        checkConfig(disableDropout, "disable_dropout", false, "must be true: steps are scored without dropout");
    }

    /** The defaults of process_reward-defaults.yaml; see {@link ProcessRewardConfigBuilder}. */
    public static ProcessRewardConfigBuilder builder(ModelReference model, DatasetSpec dataset) {
        TrainingConfig training = TrainingConfig.builder()
                .learningRate(1e-5)
                .lrSchedulerType("linear")
                .batchSize(8)
                .numTrainEpochs(3)
                .build();
        DataConfig data = DataConfig.builder(dataset)
                .truncationMode(TruncationMode.KEEP_START)
                .build();
        return new ProcessRewardConfig(
                        model,
                        data,
                        new StepConfig("\n", 0, false),
                        ReplicasConfig.NONE,
                        TuningConfig.NONE,
                        true,
                        training)
                .toBuilder();
    }

    /** Starts from this config. */
    public ProcessRewardConfigBuilder toBuilder() {
        return new ProcessRewardConfigBuilder(this);
    }
}
