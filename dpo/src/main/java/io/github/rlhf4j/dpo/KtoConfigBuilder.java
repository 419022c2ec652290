package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.stage.AdapterConfig;
import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.ReplicasConfig;
import io.github.rlhf4j.core.stage.RouterConfig;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.stage.TrainingConfigBuilder;
import io.github.rlhf4j.core.stage.TuningConfig;
import io.github.rlhf4j.core.tensor.WeightType;
import io.github.rlhf4j.datasets.training.DataConfig;
import io.github.rlhf4j.datasets.training.DataConfigBuilder;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/**
 * Sets the keys of a {@link KtoConfig} one by one: {@code KtoConfig.builder(model, dataset).undesirableWeight(1.5).training(keys -> keys.maxSteps(100)).build()}.
 *
 * <p>The methods are the run file's keys, the defaults those of the defaults file. Nothing is checked before {@link #build}.
 */
public final class KtoConfigBuilder {
    private ModelReference model;
    private KtoLossType lossType;
    private double beta;
    private double desirableWeight;
    private double undesirableWeight;
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

    KtoConfigBuilder(KtoConfig from) {
        model = from.model();
        lossType = from.lossType();
        beta = from.beta();
        desirableWeight = from.desirableWeight();
        undesirableWeight = from.undesirableWeight();
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
    public KtoConfigBuilder model(ModelReference value) {
        model = value;
        return this;
    }

    /** What is minimised. */
    public KtoConfigBuilder lossType(KtoLossType value) {
        lossType = value;
        return this;
    }

    /** Strength of the pull towards the reference, > 0. */
    public KtoConfigBuilder beta(double value) {
        beta = value;
        return this;
    }

    /** Factor of desirable responses, > 0. */
    public KtoConfigBuilder desirableWeight(double value) {
        desirableWeight = value;
        return this;
    }

    /** Factor of undesirable responses, > 0. */
    public KtoConfigBuilder undesirableWeight(double value) {
        undesirableWeight = value;
        return this;
    }

    /** The reference; left out: the model that training starts from. */
    public KtoConfigBuilder refModel(ModelReference value) {
        refModel = Optional.of(value);
        return this;
    }

    /** Whether the reference's log-probs are computed once, before training. */
    public KtoConfigBuilder precomputeRefLogProbs(boolean value) {
        precomputeRefLogProbs = value;
        return this;
    }

    /** TR-DPO: the reference follows the policy; needs {@code precomputeRefLogProbs(false)}. */
    public KtoConfigBuilder syncRefModel(boolean value) {
        syncRefModel = value;
        return this;
    }

    /** Weight of the policy in the mixture that becomes the reference, in (0, 1]. */
    public KtoConfigBuilder refModelMixupAlpha(double value) {
        refModelMixupAlpha = OptionalDouble.of(value);
        return this;
    }

    /** Optimiser steps from one mixture to the next, >= 1. */
    public KtoConfigBuilder refModelSyncSteps(long value) {
        refModelSyncSteps = OptionalLong.of(value);
        return this;
    }

    /** Coefficient of the routers' loss of a mixture of experts; left out: config.json's. */
    public KtoConfigBuilder routerAuxLossCoef(double value) {
        routerAuxLossCoef = OptionalDouble.of(value);
        return this;
    }

    /** Trains an adapter instead of the model's own weights; the reference is then the model without it. */
    public KtoConfigBuilder adapter(AdapterConfig value) {
        tuning = tuning.with(value);
        return this;
    }

    /** Makes the adapter that the model has a part of its weights first. */
    public KtoConfigBuilder mergeAdapter(boolean value) {
        tuning = tuning.withMergeAdapter(value);
        return this;
    }

    /** Holds the weights that the adapter is on in another form. */
    public KtoConfigBuilder baseWeights(WeightType value) {
        tuning = tuning.withBaseWeights(value);
        return this;
    }

    /** Replicas or shards. */
    public KtoConfigBuilder parts(ReplicasConfig value) {
        parts = value;
        return this;
    }

    /** Changes what is said of the data. */
    public KtoConfigBuilder data(UnaryOperator<DataConfigBuilder> keys) {
        data = keys.apply(data.toBuilder()).build();
        return this;
    }

    /** Changes what every training stage has. */
    public KtoConfigBuilder training(UnaryOperator<TrainingConfigBuilder> keys) {
        training = keys.apply(training.toBuilder()).build();
        return this;
    }

    /**
     * The config.
     *
     * @throws ConfigException naming the first key that is out of range
     */
    public KtoConfig build() {
        return new KtoConfig(
                model,
                data,
                new ReferenceConfig(
                        refModel, precomputeRefLogProbs, syncRefModel, refModelMixupAlpha, refModelSyncSteps),
                new RouterConfig(routerAuxLossCoef),
                parts,
                tuning,
                lossType,
                beta,
                desirableWeight,
                undesirableWeight,
                true,
                training);
    }
}
