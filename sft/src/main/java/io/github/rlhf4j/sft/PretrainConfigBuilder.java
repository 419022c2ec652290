package io.github.rlhf4j.sft;

import io.github.rlhf4j.core.stage.AdapterConfig;
import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.NoiseScaleConfig;
import io.github.rlhf4j.core.stage.ParametrizationConfig;
import io.github.rlhf4j.core.stage.ReplicasConfig;
import io.github.rlhf4j.core.stage.RouterConfig;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.stage.TrainingConfigBuilder;
import io.github.rlhf4j.core.stage.TuningConfig;
import io.github.rlhf4j.core.tensor.WeightType;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.training.EvalDatasets;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.UnaryOperator;

/**
 * Sets the keys of a {@link PretrainConfig} one by one, beginning with {@link PretrainConfig#continuing} or {@link PretrainConfig#fromNothing}.
 *
 * <p>The methods are the run file's keys, the defaults those of the defaults file. Nothing is checked before {@link #build}.
 */
public final class PretrainConfigBuilder {
    private Optional<ModelReference> model;
    private Optional<ArchitectureConfig> architecture;
    private Optional<TokenizerConfig> tokenizer;
    private DatasetSpec dataset;
    private Optional<EvalDatasets> evalDataset;
    private double evalFraction;
    private int maxLength;
    private boolean splitSpecialTokens;
    private double dropout;
    private ParametrizationConfig parametrization;
    private OptionalDouble routerAuxLossCoef;
    private long noiseScaleSteps;
    private ReplicasConfig parts;
    private TuningConfig tuning;
    private TrainingConfig training;

    PretrainConfigBuilder(PretrainConfig from) {
        model = from.model();
        architecture = from.architecture();
        tokenizer = from.tokenizer();
        dataset = from.dataset();
        evalDataset = from.evalDataset();
        evalFraction = from.evalFraction();
        maxLength = from.maxLength();
        splitSpecialTokens = from.splitSpecialTokens();
        dropout = from.dropout();
        parametrization = from.parametrization();
        routerAuxLossCoef = from.routers().routerAuxLossCoef();
        noiseScaleSteps = from.noise().noiseScaleSteps();
        parts = from.parts();
        tuning = from.tuning();
        training = from.training();
    }

    /** The language model to go on training. */
    public PretrainConfigBuilder model(ModelReference value) {
        model = Optional.of(value);
        return this;
    }

    /** The sizes of a new model. */
    public PretrainConfigBuilder architecture(ArchitectureConfig value) {
        architecture = Optional.of(value);
        return this;
    }

    /** The tokenizer of a new model. */
    public PretrainConfigBuilder tokenizer(TokenizerConfig value) {
        tokenizer = Optional.of(value);
        return this;
    }

    /** Texts. */
    public PretrainConfigBuilder dataset(DatasetSpec value) {
        dataset = value;
        return this;
    }

    /** Texts to evaluate on. */
    public PretrainConfigBuilder evalDataset(EvalDatasets value) {
        evalDataset = Optional.of(value);
        return this;
    }

    /** Instead: the share of texts held out, in [0, 1). */
    public PretrainConfigBuilder evalFraction(double value) {
        evalFraction = value;
        return this;
    }

    /** Tokens of a window; 0: the model's context. */
    public PretrainConfigBuilder maxLength(int value) {
        maxLength = value;
        return this;
    }

    /** Whether the text of a special token in the data stays text. */
    public PretrainConfigBuilder splitSpecialTokens(boolean value) {
        splitSpecialTokens = value;
        return this;
    }

    /** Residual dropout, in [0, 1). */
    public PretrainConfigBuilder dropout(double value) {
        dropout = value;
        return this;
    }

    /** How first weights and learning rates of a new model depend on its width. */
    public PretrainConfigBuilder parametrization(ParametrizationConfig value) {
        parametrization = value;
        return this;
    }

    /** Coefficient of the routers' loss of a given mixture of experts. */
    public PretrainConfigBuilder routerAuxLossCoef(double value) {
        routerAuxLossCoef = OptionalDouble.of(value);
        return this;
    }

    /** Replicas or shards. */
    public PretrainConfigBuilder parts(ReplicasConfig value) {
        parts = value;
        return this;
    }

    /** Steps between measurements of the gradients' noise; 0: none. */
    public PretrainConfigBuilder noiseScaleSteps(long value) {
        noiseScaleSteps = value;
        return this;
    }

    /** Trains an adapter instead of the model's own weights. */
    public PretrainConfigBuilder adapter(AdapterConfig value) {
        tuning = tuning.with(value);
        return this;
    }

    /** Makes the adapter that the model has a part of its weights first. */
    public PretrainConfigBuilder mergeAdapter(boolean value) {
        tuning = tuning.withMergeAdapter(value);
        return this;
    }

    /** Holds the weights that the adapter is on in another form. */
    public PretrainConfigBuilder baseWeights(WeightType value) {
        tuning = tuning.withBaseWeights(value);
        return this;
    }

    /** Changes what every training stage has. */
    public PretrainConfigBuilder training(UnaryOperator<TrainingConfigBuilder> keys) {
        training = keys.apply(training.toBuilder()).build();
        return this;
    }

    /**
     * The config.
     *
     * @throws ConfigException naming the first key that is out of range
     */
    public PretrainConfig build() {
        return new PretrainConfig(
                model,
                architecture,
                tokenizer,
                dataset,
                evalDataset,
                evalFraction,
                maxLength,
                splitSpecialTokens,
                dropout,
                parametrization,
                new RouterConfig(routerAuxLossCoef),
                new NoiseScaleConfig(noiseScaleSteps),
                parts,
                tuning,
                training);
    }
}
