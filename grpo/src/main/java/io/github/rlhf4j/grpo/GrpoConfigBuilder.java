package io.github.rlhf4j.grpo;

import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.datasets.DatasetSpec;
import java.util.Optional;
import java.util.OptionalDouble;

/** Sets the keys of a {@link GrpoConfig} one by one; the methods are the run file's keys, which docs/algorithms/grpo.md explains. Nothing is checked before {@link #build}. */
public final class GrpoConfigBuilder extends GroupConfigBuilder<GrpoConfigBuilder> {
    private ScaleRewards scaleRewards;
    private MultiObjectiveAggregation multiObjectiveAggregation;
    private LossType lossType;
    private GrpoLossConfig.ImportanceSamplingLevel importanceSamplingLevel;
    private OptionalDouble epsilon;
    private OptionalDouble epsilonHigh;
    private OptionalDouble delta;
    private OptionalDouble sapoTemperaturePos;
    private OptionalDouble sapoTemperatureNeg;
    private double topEntropyQuantile;
    private double entropyCoef;
    private OptionalDouble offPolicyMaskThreshold;
    private Optional<Boolean> useBiasCorrectionKl;

    GrpoConfigBuilder(ModelReference model, Optional<DatasetSpec> dataset, Optional<DatasetSpec> rollouts) {
        super(model, dataset, rollouts);
        scaleRewards = ScaleRewards.GROUP;
        multiObjectiveAggregation = MultiObjectiveAggregation.SUM_THEN_NORMALIZE;
        set(GrpoLossConfig.DEFAULT);
    }

    GrpoConfigBuilder(GrpoConfig from) {
        super(from);
        scaleRewards = from.scaleRewards();
        multiObjectiveAggregation = from.multiObjectiveAggregation();
        set(from.loss());
    }

    @Override
    GrpoConfigBuilder self() {
        return this;
    }

    private void set(GrpoLossConfig loss) {
        lossType = loss.lossType();
        importanceSamplingLevel = loss.importanceSamplingLevel();
        epsilon = loss.epsilon();
        epsilonHigh = loss.epsilonHigh();
        delta = loss.delta();
        sapoTemperaturePos = loss.sapoTemperaturePos();
        sapoTemperatureNeg = loss.sapoTemperatureNeg();
        topEntropyQuantile = loss.topEntropyQuantile();
        entropyCoef = loss.entropyCoef();
        offPolicyMaskThreshold = loss.offPolicyMaskThreshold();
        useBiasCorrectionKl = loss.useBiasCorrectionKl();
    }

    /** Whether rewards are summed and then scaled, or scaled each and then summed. */
    public GrpoConfigBuilder multiObjectiveAggregation(MultiObjectiveAggregation value) {
        multiObjectiveAggregation = value;
        return this;
    }

    /** Group, batch or none. */
    public GrpoConfigBuilder scaleRewards(ScaleRewards value) {
        scaleRewards = value;
        return this;
    }

    /** Grpo, bnpo, dr_grpo, dapo, cispo or sapo. */
    public GrpoConfigBuilder lossType(LossType value) {
        lossType = value;
        return this;
    }

    /** Token, or sequence: one ratio a response (GSPO). */
    public GrpoConfigBuilder importanceSamplingLevel(GrpoLossConfig.ImportanceSamplingLevel value) {
        importanceSamplingLevel = value;
        return this;
    }

    /** How far the ratio may fall below 1, and rise above it without epsilonHigh; absent: 0.2. */
    public GrpoConfigBuilder epsilon(double value) {
        epsilon = OptionalDouble.of(value);
        return this;
    }

    /** How far it may rise above 1; with cispo the largest ratio; absent: epsilon. */
    public GrpoConfigBuilder epsilonHigh(double value) {
        epsilonHigh = OptionalDouble.of(value);
        return this;
    }

    /** The largest ratio of all, > 1 + epsilonHigh; absent: none. */
    public GrpoConfigBuilder delta(double value) {
        delta = OptionalDouble.of(value);
        return this;
    }

    /** Of sapo's gate where the advantage is positive; absent: 1. */
    public GrpoConfigBuilder sapoTemperaturePos(double value) {
        sapoTemperaturePos = OptionalDouble.of(value);
        return this;
    }

    /** Elsewhere; absent: 1.05. */
    public GrpoConfigBuilder sapoTemperatureNeg(double value) {
        sapoTemperatureNeg = OptionalDouble.of(value);
        return this;
    }

    /** Share of the tokens, those of largest entropy, that the policy learns from. */
    public GrpoConfigBuilder topEntropyQuantile(double value) {
        topEntropyQuantile = value;
        return this;
    }

    /** Weight of the entropy bonus. */
    public GrpoConfigBuilder entropyCoef(double value) {
        entropyCoef = value;
        return this;
    }

    /** Nats; a response with a negative advantage is left out where the policy is farther from its sampler; absent: none is. */
    public GrpoConfigBuilder offPolicyMaskThreshold(double value) {
        offPolicyMaskThreshold = OptionalDouble.of(value);
        return this;
    }

    /** Whether the KL of a token is weighted by its ratio; absent: true. */
    public GrpoConfigBuilder useBiasCorrectionKl(boolean value) {
        useBiasCorrectionKl = Optional.of(value);
        return this;
    }

    /** The config. */
    public GrpoConfig build() {
        return new GrpoConfig(
                model,
                dataset,
                rollouts,
                prompts(),
                generation(),
                rewardChoice(),
                dynamicSampling(),
                scaleRewards,
                multiObjectiveAggregation,
                new GrpoLossConfig(
                        lossType,
                        importanceSamplingLevel,
                        epsilon,
                        epsilonHigh,
                        delta,
                        sapoTemperaturePos,
                        sapoTemperatureNeg,
                        topEntropyQuantile,
                        entropyCoef,
                        offPolicyMaskThreshold,
                        useBiasCorrectionKl),
                sampler(),
                reference(),
                tuning,
                training);
    }
}
