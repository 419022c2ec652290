package io.github.rlhf4j.core.stage;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.train.ExampleOrder;
import io.github.rlhf4j.core.train.Examples;
import java.util.OptionalLong;

/**
 * How many steps there are and what each of them trains on.
 *
 * @param batchSize sequences, pairs, rankings or prompts of one optimiser step, however it is cut
 * @param maxSteps optimiser steps; 0: as num_train_epochs says
 * @param numTrainEpochs passes over the data, where max_steps is 0
 * @param shuffle a new order each epoch; false: file order
 * @param dataSeed the seed of that order; absent: the stage's
 */
public record StepsConfig(int batchSize, long maxSteps, double numTrainEpochs, boolean shuffle, OptionalLong dataSeed)
        implements ConfigGroup {
    public StepsConfig {
        checkConfig(batchSize >= 1, "batch_size", batchSize, "must be >= 1");
        checkConfig(maxSteps >= 0, "max_steps", maxSteps, "must be >= 1, or 0 for num_train_epochs");
        checkConfig(
                numTrainEpochs > 0 && Double.isFinite(numTrainEpochs),
                "num_train_epochs",
                numTrainEpochs,
                "must be > 0");
        checkConfig(dataSeed.orElse(0) >= 0, "data_seed", dataSeed.orElse(0), "must be >= 0");
        checkConfig(
                shuffle || dataSeed.isEmpty(),
                "data_seed",
                dataSeed.orElse(0),
                "does nothing with shuffle: false, so must be left out");
    }

    /** Shuffled batches, for so many steps; 0: one epoch. */
    public static StepsConfig of(int batchSize, long maxSteps) {
        return new StepsConfig(batchSize, maxSteps, 1, true, OptionalLong.empty());
    }

    /** In file order. */
    public StepsConfig unshuffled() {
        return new StepsConfig(batchSize, maxSteps, numTrainEpochs, false, OptionalLong.empty());
    }

    /** Which examples each step trains on. */
    public <T> ExampleOrder<T> order(Examples<T> examples, CounterRandom stage) {
        CounterRandom random = dataSeed.isPresent() ? CounterRandom.of(dataSeed.getAsLong()) : stage;
        return new ExampleOrder<>(examples, batchSize, shuffle, random.derive("order"));
    }

    /** Steps of a run over data in this order. */
    public long steps(ExampleOrder<?> order) {
        return order.steps(maxSteps, numTrainEpochs);
    }
}
