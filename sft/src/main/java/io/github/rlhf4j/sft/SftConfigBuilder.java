package io.github.rlhf4j.sft;

import io.github.rlhf4j.core.stage.AdapterConfig;
import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.NoiseScaleConfig;
import io.github.rlhf4j.core.stage.ReplicasConfig;
import io.github.rlhf4j.core.stage.RouterConfig;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.stage.TrainingConfigBuilder;
import io.github.rlhf4j.core.stage.TuningConfig;
import io.github.rlhf4j.core.tensor.WeightType;
import io.github.rlhf4j.datasets.tokens.PackingStrategy;
import io.github.rlhf4j.datasets.training.DataConfig;
import io.github.rlhf4j.datasets.training.DataConfigBuilder;
import io.github.rlhf4j.datasets.training.TokenizerChanges;
import io.github.rlhf4j.sft.SftLossConfig.LossType;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.UnaryOperator;

/**
 * Sets the keys of an {@link SftConfig} one by one: {@code SftConfig.builder(model, dataset).packing(true).training(keys -> keys.maxSteps(100)).build()}.
 *
 * <p>The methods are the run file's keys, the defaults those of the defaults file. Nothing is checked before {@link #build}.
 */
public final class SftConfigBuilder {
    private ModelReference model;
    private Optional<String> chatTemplatePath;
    private Optional<String> eosToken;
    private Optional<Boolean> completionOnlyLoss;
    private boolean assistantOnlyLoss;
    private LossType lossType;
    private double labelSmoothingFactor;
    private double neftuneNoiseAlpha;
    private double dropout;
    private boolean packing;
    private PackingStrategy packingStrategy;
    private Optional<Boolean> evalPacking;
    private OptionalDouble routerAuxLossCoef;
    private long noiseScaleSteps;
    private ReplicasConfig parts;
    private TuningConfig tuning;
    private DataConfig data;
    private TrainingConfig training;

    SftConfigBuilder(SftConfig from) {
        model = from.model();
        chatTemplatePath = from.tokenizer().chatTemplatePath();
        eosToken = from.tokenizer().eosToken();
        completionOnlyLoss = from.completionOnlyLoss();
        assistantOnlyLoss = from.assistantOnlyLoss();
        lossType = from.loss().lossType();
        labelSmoothingFactor = from.loss().labelSmoothingFactor();
        neftuneNoiseAlpha = from.loss().neftuneNoiseAlpha();
        dropout = from.loss().dropout();
        packing = from.packing().packing();
        packingStrategy = from.packing().packingStrategy();
        evalPacking = from.packing().evalPacking();
        routerAuxLossCoef = from.routers().routerAuxLossCoef();
        noiseScaleSteps = from.noise().noiseScaleSteps();
        parts = from.parts();
        tuning = from.tuning();
        data = from.data();
        training = from.training();
    }

    /** The language model to start from. */
    public SftConfigBuilder model(ModelReference value) {
        model = value;
        return this;
    }

    /** A file or folder with another chat template. */
    public SftConfigBuilder chatTemplatePath(String value) {
        chatTemplatePath = Optional.of(value);
        return this;
    }

    /** Another end token. */
    public SftConfigBuilder eosToken(String value) {
        eosToken = Optional.of(value);
        return this;
    }

    /** Whether of a prompt and completion only the completion is learnt. */
    public SftConfigBuilder completionOnlyLoss(boolean value) {
        completionOnlyLoss = Optional.of(value);
        return this;
    }

    /** Whether of a conversation only the assistant's turns are learnt. */
    public SftConfigBuilder assistantOnlyLoss(boolean value) {
        assistantOnlyLoss = value;
        return this;
    }

    /** What is minimised of a target token. */
    public SftConfigBuilder lossType(LossType value) {
        lossType = value;
        return this;
    }

    /** Share of each target that is spread over the vocabulary, in [0, 1). */
    public SftConfigBuilder labelSmoothingFactor(double value) {
        labelSmoothingFactor = value;
        return this;
    }

    /** Noise on the embeddings while training; 0: none. */
    public SftConfigBuilder neftuneNoiseAlpha(double value) {
        neftuneNoiseAlpha = value;
        return this;
    }

    /** Residual dropout, in [0, 1). */
    public SftConfigBuilder dropout(double value) {
        dropout = value;
        return this;
    }

    /** Whether sequences share examples. */
    public SftConfigBuilder packing(boolean value) {
        packing = value;
        return this;
    }

    /** How they do. */
    public SftConfigBuilder packingStrategy(PackingStrategy value) {
        packingStrategy = value;
        return this;
    }

    /** Whether those of the evaluation data do; left out: as packing. */
    public SftConfigBuilder evalPacking(boolean value) {
        evalPacking = Optional.of(value);
        return this;
    }

    /** Coefficient of the routers' loss of a mixture of experts; left out: config.json's. */
    public SftConfigBuilder routerAuxLossCoef(double value) {
        routerAuxLossCoef = OptionalDouble.of(value);
        return this;
    }

    /** Replicas or shards. */
    public SftConfigBuilder parts(ReplicasConfig value) {
        parts = value;
        return this;
    }

    /** Steps between measurements of the gradients' noise; 0: none. */
    public SftConfigBuilder noiseScaleSteps(long value) {
        noiseScaleSteps = value;
        return this;
    }

    /** Trains an adapter instead of the model's own weights. */
    public SftConfigBuilder adapter(AdapterConfig value) {
        tuning = tuning.with(value);
        return this;
    }

    /** Makes the adapter that the model has a part of its weights first. */
    public SftConfigBuilder mergeAdapter(boolean value) {
        tuning = tuning.withMergeAdapter(value);
        return this;
    }

    /** Holds the weights that the adapter is on in another form. */
    public SftConfigBuilder baseWeights(WeightType value) {
        tuning = tuning.withBaseWeights(value);
        return this;
    }

    /** Changes what is said of the data. */
    public SftConfigBuilder data(UnaryOperator<DataConfigBuilder> keys) {
        data = keys.apply(data.toBuilder()).build();
        return this;
    }

    /** Changes what every training stage has. */
    public SftConfigBuilder training(UnaryOperator<TrainingConfigBuilder> keys) {
        training = keys.apply(training.toBuilder()).build();
        return this;
    }

    /**
     * The config.
     *
     * @throws ConfigException naming the first key that is out of range
     */
    public SftConfig build() {
        return new SftConfig(
                model,
                data,
                new TokenizerChanges(chatTemplatePath, eosToken),
                completionOnlyLoss,
                assistantOnlyLoss,
                new SftLossConfig(lossType, labelSmoothingFactor, neftuneNoiseAlpha, dropout),
                new PackingConfig(packing, packingStrategy, evalPacking),
                new RouterConfig(routerAuxLossCoef),
                new NoiseScaleConfig(noiseScaleSteps),
                parts,
                tuning,
                training);
    }
}
