package io.github.rlhf4j.grpo;

import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.datasets.DatasetSpec;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** Sets the keys of a {@link RlooConfig} one by one; the methods are the run file's keys, which docs/algorithms/rloo.md explains. Nothing is checked before {@link #build}. */
public final class RlooConfigBuilder extends GroupConfigBuilder<RlooConfigBuilder> {
    private boolean normalizeAdvantages;
    private List<Double> rewardClipRange;
    private double epsilon;
    private OptionalDouble epsilonHigh;

    RlooConfigBuilder(ModelReference model, Optional<DatasetSpec> dataset, Optional<DatasetSpec> rollouts) {
        super(model, dataset, rollouts);
        set(RlooAdvantageConfig.DEFAULT);
        set(RlooClipConfig.DEFAULT);
        numGenerations(2);
        beta(0.05);
    }

    RlooConfigBuilder(RlooConfig from) {
        super(from);
        set(from.advantages());
        set(from.clipping());
    }

    @Override
    RlooConfigBuilder self() {
        return this;
    }

    private void set(RlooAdvantageConfig advantages) {
        normalizeAdvantages = advantages.normalizeAdvantages();
        rewardClipRange = advantages.rewardClipRange();
    }

    private void set(RlooClipConfig clipping) {
        epsilon = clipping.epsilon();
        epsilonHigh = clipping.epsilonHigh();
    }

    /** Whether the advantages of a generation get mean 0 and standard deviation 1. */
    public RlooConfigBuilder normalizeAdvantages(boolean value) {
        normalizeAdvantages = value;
        return this;
    }

    /** The smallest and the largest reward, before the KL is taken off. */
    public RlooConfigBuilder rewardClipRange(double least, double most) {
        rewardClipRange = List.of(least, most);
        return this;
    }

    /** How far the ratio of a response may fall below 1, and rise above it without epsilonHigh. */
    public RlooConfigBuilder epsilon(double value) {
        epsilon = value;
        return this;
    }

    /** How far it may rise above 1; absent: epsilon. */
    public RlooConfigBuilder epsilonHigh(double value) {
        epsilonHigh = OptionalDouble.of(value);
        return this;
    }

    /** The config. */
    public RlooConfig build() {
        return new RlooConfig(
                model,
                dataset,
                rollouts,
                prompts(),
                generation(),
                rewardChoice(),
                dynamicSampling(),
                new RlooAdvantageConfig(normalizeAdvantages, rewardClipRange),
                new RlooClipConfig(epsilon, epsilonHigh),
                sampler(),
                reference(),
                tuning,
                training);
    }
}
