package io.github.rlhf4j.distill;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.stage.TuningConfig;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.training.DataConfig;
import java.util.Optional;

/**
 * The config of a stage of type {@code distill}.
 *
 * @param model the student to start from
 * @param teacherModel what it imitates, of the same tokenizer and vocabulary; it may be larger and of another family
 * @param data prompts with responses; where no step reads responses, anything with prompts
 * @param rollouts stored samples, one a prompt, which steps on the student's samples learn from in the order of the file; absent: it samples
 * @param imitation what is imitated, where
 * @param tuning what of the model is trained
 * @param training what every training stage has
 */
public record DistillConfig(
        ModelReference model,
        ModelReference teacherModel,
        DataConfig data,
        Optional<DatasetSpec> rollouts,
        ImitationConfig imitation,
        TuningConfig tuning,
        TrainingConfig training) {
    public DistillConfig {
        training.checkEvaluation(data.evalNames());
        tuning.checkKeysFor(model);
        checkConfig(
                rollouts.isEmpty() || imitation.lmbda() > 0,
                "rollouts",
                rollouts.map(DatasetSpec::path).orElse(""),
                "does nothing with lmbda: 0, so must be left out");
    }

    /** The defaults of distill-defaults.yaml. */
    public static DistillConfigBuilder builder(ModelReference model, ModelReference teacher, DatasetSpec dataset) {
        return new DistillConfigBuilder(model, teacher, dataset);
    }

    /** Starts from this config. */
    public DistillConfigBuilder toBuilder() {
        return new DistillConfigBuilder(this);
    }

    /** Whether rows need responses: some steps learn from them, or they are evaluated on. */
    boolean needsResponses() {
        return imitation.readsResponses() || !data.evalNames().isEmpty();
    }
}
