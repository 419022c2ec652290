package io.github.rlhf4j.reward.process;

import io.github.rlhf4j.core.stage.AdapterConfig;
import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.ReplicasConfig;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.stage.TrainingConfigBuilder;
import io.github.rlhf4j.core.stage.TuningConfig;
import io.github.rlhf4j.core.tensor.WeightType;
import io.github.rlhf4j.datasets.training.DataConfig;
import io.github.rlhf4j.datasets.training.DataConfigBuilder;
import java.util.function.UnaryOperator;

/**
 * Sets the keys of a {@link ProcessRewardConfig} one by one.
 *
 * <p>The methods are the run file's keys, the defaults those of the defaults file. Nothing is checked before {@link #build}.
 */
public final class ProcessRewardConfigBuilder {
    private ModelReference model;
    private String stepSeparator;
    private int maxCompletionLength;
    private boolean trainOnLastStepOnly;
    private ReplicasConfig parts;
    private TuningConfig tuning;
    private DataConfig data;
    private TrainingConfig training;

    ProcessRewardConfigBuilder(ProcessRewardConfig from) {
        model = from.model();
        stepSeparator = from.steps().stepSeparator();
        maxCompletionLength = from.steps().maxCompletionLength();
        trainOnLastStepOnly = from.steps().trainOnLastStepOnly();
        parts = from.parts();
        tuning = from.tuning();
        data = from.data();
        training = from.training();
    }

    /** A language model, or a process reward model to go on with. */
    public ProcessRewardConfigBuilder model(ModelReference value) {
        model = value;
        return this;
    }

    /** What is put after each step. */
    public ProcessRewardConfigBuilder stepSeparator(String value) {
        stepSeparator = value;
        return this;
    }

    /** The first tokens of an answer that are kept, >= 1; 0: all. */
    public ProcessRewardConfigBuilder maxCompletionLength(int value) {
        maxCompletionLength = value;
        return this;
    }

    /** Whether a training row's last label alone counts. */
    public ProcessRewardConfigBuilder trainOnLastStepOnly(boolean value) {
        trainOnLastStepOnly = value;
        return this;
    }

    /** Trains a new adapter instead of all weights. */
    public ProcessRewardConfigBuilder adapter(AdapterConfig value) {
        tuning = tuning.with(value);
        return this;
    }

    /** Whether the model's own adapter becomes part of its weights first. */
    public ProcessRewardConfigBuilder mergeAdapter(boolean value) {
        tuning = tuning.withMergeAdapter(value);
        return this;
    }

    /** How the weights that the adapter is on are held in memory. */
    public ProcessRewardConfigBuilder baseWeights(WeightType value) {
        tuning = tuning.withBaseWeights(value);
        return this;
    }

    /** Replicas or shards. */
    public ProcessRewardConfigBuilder parts(ReplicasConfig value) {
        parts = value;
        return this;
    }

    /** Changes what is said of the data. */
    public ProcessRewardConfigBuilder data(UnaryOperator<DataConfigBuilder> keys) {
        data = keys.apply(data.toBuilder()).build();
        return this;
    }

    /** Changes what every training stage has. */
    public ProcessRewardConfigBuilder training(UnaryOperator<TrainingConfigBuilder> keys) {
        training = keys.apply(training.toBuilder()).build();
        return this;
    }

    /**
     * The config.
     *
     * @throws ConfigException naming the first key that is out of range
     */
    public ProcessRewardConfig build() {
        StepConfig steps = new StepConfig(stepSeparator, maxCompletionLength, trainOnLastStepOnly);
        return new ProcessRewardConfig(model, data, steps, parts, tuning, true, training);
    }
}
