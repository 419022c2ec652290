package io.github.rlhf4j.distill;

import io.github.rlhf4j.core.stage.AdapterConfig;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.stage.TrainingConfigBuilder;
import io.github.rlhf4j.core.stage.TuningConfig;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.training.DataConfig;
import io.github.rlhf4j.datasets.training.DataConfigBuilder;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Sets the keys of a {@link DistillConfig} one by one; the methods are the run file's keys, which docs/algorithms/distill.md explains. Nothing is checked before {@link #build}. */
public final class DistillConfigBuilder {
    private final ModelReference model;
    private final ModelReference teacher;
    private DataConfig data;
    private Optional<DatasetSpec> rollouts = Optional.empty();
    private double lmbda = ImitationConfig.DEFAULT.lmbda();
    private double beta = ImitationConfig.DEFAULT.beta();
    private boolean seqKd = ImitationConfig.DEFAULT.seqKd();
    private int maxNewTokens = ImitationConfig.DEFAULT.maxNewTokens();
    private double temperature = ImitationConfig.DEFAULT.temperature();
    private TuningConfig tuning = TuningConfig.NONE;
    private TrainingConfig training = TrainingConfig.builder()
            .learningRate(2e-5)
            .numTrainEpochs(1)
            .loggingSteps(1)
            .build();

    DistillConfigBuilder(ModelReference model, ModelReference teacher, DatasetSpec dataset) {
        this.model = model;
        this.teacher = teacher;
        data = DataConfig.builder(dataset).build();
    }

    DistillConfigBuilder(DistillConfig from) {
        model = from.model();
        teacher = from.teacherModel();
        data = from.data();
        rollouts = from.rollouts();
        lmbda = from.imitation().lmbda();
        beta = from.imitation().beta();
        seqKd = from.imitation().seqKd();
        maxNewTokens = from.imitation().maxNewTokens();
        temperature = from.imitation().temperature();
        tuning = from.tuning();
        training = from.training();
    }

    /** Stored samples of the student. */
    public DistillConfigBuilder rollouts(DatasetSpec value) {
        rollouts = Optional.of(value);
        return this;
    }

    /** Share of steps on the student's own samples, in [0, 1]. */
    public DistillConfigBuilder lmbda(double value) {
        lmbda = value;
        return this;
    }

    /** Of the divergence, in [0, 1]. */
    public DistillConfigBuilder beta(double value) {
        beta = value;
        return this;
    }

    /** Whether the other steps are on the teacher's samples. */
    public DistillConfigBuilder seqKd(boolean value) {
        seqKd = value;
        return this;
    }

    /** Longest sample, tokens. */
    public DistillConfigBuilder maxNewTokens(int value) {
        maxNewTokens = value;
        return this;
    }

    /** Of sampling. */
    public DistillConfigBuilder temperature(double value) {
        temperature = value;
        return this;
    }

    /** Trains an adapter instead of the model's own weights. */
    public DistillConfigBuilder adapter(AdapterConfig value) {
        tuning = tuning.with(value);
        return this;
    }

    /** Whether the adapter of a model {base, adapter} is merged first. */
    public DistillConfigBuilder mergeAdapter(boolean value) {
        tuning = tuning.withMergeAdapter(value);
        return this;
    }

    /** Changes what is said of the data. */
    public DistillConfigBuilder data(UnaryOperator<DataConfigBuilder> keys) {
        data = keys.apply(data.toBuilder()).build();
        return this;
    }

    /** Changes what every training stage has. */
    public DistillConfigBuilder training(UnaryOperator<TrainingConfigBuilder> keys) {
        training = keys.apply(training.toBuilder()).build();
        return this;
    }

    /**
     * The config.
     *
     * @throws io.github.rlhf4j.core.stage.ConfigException naming the first key that is out of range
     */
    public DistillConfig build() {
        return new DistillConfig(
                model,
                teacher,
                data,
                rollouts,
                new ImitationConfig(lmbda, beta, seqKd, maxNewTokens, temperature),
                tuning,
                training);
    }
}
