package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.stage.AdapterConfig;
import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.GivenKeys;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.ReplicasConfig;
import io.github.rlhf4j.core.stage.RouterConfig;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.stage.TrainingConfigBuilder;
import io.github.rlhf4j.core.stage.TuningConfig;
import io.github.rlhf4j.core.tensor.WeightType;
import io.github.rlhf4j.datasets.training.DataConfig;
import io.github.rlhf4j.datasets.training.DataConfigBuilder;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/**
 * Sets the keys of a {@link DpoConfig} one by one: {@code DpoConfig.builder(model, dataset).lossType("simpo").set(PreferenceLosses.SIMPO_GAMMA, 1.0).training(keys -> keys.maxSteps(100)).build()}.
 *
 * <p>The methods are the run file's keys, the defaults those of the defaults file. Nothing is checked before {@link #build}, but for {@link #set}.
 */
public final class DpoConfigBuilder {
    private ModelReference model;
    private List<String> lossType;
    private List<Double> lossWeights;
    private double beta;
    private GivenKeys lossKeys;
    private boolean useWeighting;
    private OptionalDouble ldAlpha;
    private Optional<ModelReference> refModel;
    private boolean precomputeRefLogProbs;
    private boolean syncRefModel;
    private OptionalDouble refModelMixupAlpha;
    private OptionalLong refModelSyncSteps;
    private OptionalDouble routerAuxLossCoef;
    private ReplicasConfig parts;
    private TuningConfig tuning;
    private DataConfig data;
    private TrainingConfig training;

    DpoConfigBuilder(DpoConfig from) {
        model = from.model();
        lossType = from.lossType();
        lossWeights = from.lossWeights();
        beta = from.beta();
        lossKeys = from.lossKeys();
        useWeighting = from.weighting().useWeighting();
        ldAlpha = from.weighting().ldAlpha();
        refModel = from.reference().refModel();
        precomputeRefLogProbs = from.reference().precomputeRefLogProbs();
        syncRefModel = from.reference().sync().syncRefModel();
        refModelMixupAlpha = from.reference().sync().refModelMixupAlpha();
        refModelSyncSteps = from.reference().sync().refModelSyncSteps();
        routerAuxLossCoef = from.routers().routerAuxLossCoef();
        parts = from.parts();
        tuning = from.tuning();
        data = from.data();
        training = from.training();
    }

    /** The policy to start from. */
    public DpoConfigBuilder model(ModelReference value) {
        model = value;
        return this;
    }

    /** Names of losses, at least one. */
    public DpoConfigBuilder lossType(String... names) {
        lossType = List.of(names);
        return this;
    }

    /** A weight for each loss; left out: 1 each. */
    public DpoConfigBuilder lossWeights(List<Double> values) {
        lossWeights = List.copyOf(values);
        return this;
    }

    /** Strength of the pull towards the reference, > 0. */
    public DpoConfigBuilder beta(double value) {
        beta = value;
        return this;
    }

    /** A key that a loss declares, such as {@link PreferenceLosses#LABEL_SMOOTHING}; out of range it is a {@link ConfigException} at once. */
    public <T> DpoConfigBuilder set(ConfigKey<T> key, T value) {
        lossKeys = lossKeys.with(key, value);
        return this;
    }

    /** WPO: each pair counts as likely as the policy finds both its responses. */
    public DpoConfigBuilder useWeighting(boolean value) {
        useWeighting = value;
        return this;
    }

    /** LD-DPO: what tokens beyond the shorter response's length count, in [0, 1]. */
    public DpoConfigBuilder ldAlpha(double value) {
        ldAlpha = OptionalDouble.of(value);
        return this;
    }

    /** The reference; left out: the model that training starts from. */
    public DpoConfigBuilder refModel(ModelReference value) {
        refModel = Optional.of(value);
        return this;
    }

    /** Whether the reference's log-probs are computed once, before training. */
    public DpoConfigBuilder precomputeRefLogProbs(boolean value) {
        precomputeRefLogProbs = value;
        return this;
    }

    /** TR-DPO: the reference follows the policy; needs {@code precomputeRefLogProbs(false)}. */
    public DpoConfigBuilder syncRefModel(boolean value) {
        syncRefModel = value;
        return this;
    }

    /** Weight of the policy in the mixture that becomes the reference, in (0, 1]. */
    public DpoConfigBuilder refModelMixupAlpha(double value) {
        refModelMixupAlpha = OptionalDouble.of(value);
        return this;
    }

    /** Optimiser steps from one mixture to the next, >= 1. */
    public DpoConfigBuilder refModelSyncSteps(long value) {
        refModelSyncSteps = OptionalLong.of(value);
        return this;
    }

    /** Coefficient of the routers' loss of a mixture of experts; left out: config.json's. */
    public DpoConfigBuilder routerAuxLossCoef(double value) {
        routerAuxLossCoef = OptionalDouble.of(value);
        return this;
    }

    /** Trains an adapter instead of the model's own weights; the reference is then the model without it. */
    public DpoConfigBuilder adapter(AdapterConfig value) {
        tuning = tuning.with(value);
        return this;
    }

    /** Makes the adapter that the model has a part of its weights first. */
    public DpoConfigBuilder mergeAdapter(boolean value) {
        tuning = tuning.withMergeAdapter(value);
        return this;
    }

    /** Holds the weights that the adapter is on in another form. */
    public DpoConfigBuilder baseWeights(WeightType value) {
        tuning = tuning.withBaseWeights(value);
        return this;
    }

    /** Replicas or shards. */
    public DpoConfigBuilder parts(ReplicasConfig value) {
        parts = value;
        return this;
    }

    /** Changes what is said of the data. */
    public DpoConfigBuilder data(UnaryOperator<DataConfigBuilder> keys) {
        data = keys.apply(data.toBuilder()).build();
        return this;
    }

    /** Changes what every training stage has. */
    public DpoConfigBuilder training(UnaryOperator<TrainingConfigBuilder> keys) {
        training = keys.apply(training.toBuilder()).build();
        return this;
    }

    /**
     * The config.
     *
     * @throws ConfigException naming the first key that is out of range
     */
    public DpoConfig build() {
        return new DpoConfig(
                model,
                data,
                new ReferenceConfig(
                        refModel, precomputeRefLogProbs, syncRefModel, refModelMixupAlpha, refModelSyncSteps),
                lossType,
                lossWeights,
                new RouterConfig(routerAuxLossCoef),
                parts,
                tuning,
                new WeightingConfig(useWeighting, ldAlpha),
                beta,
                lossKeys,
                true,
                training);
    }
}
