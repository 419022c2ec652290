package io.github.rlhf4j.core.train;

import io.github.rlhf4j.core.CounterRandom;
import java.util.ArrayList;
import java.util.List;

/**
 * Which examples a step trains on: a pure function of the step's number, so the position in the data is no state. Epochs follow each other, each in file order or in a permutation of its own; the
 * last, short batch of an epoch is kept.
 *
 * @param <T> the type of an example
 */
public final class ExampleOrder<T> {
    private final Examples<T> examples;
    private final long batchSize;
    private final boolean shuffle;
    private final CounterRandom random;

    public ExampleOrder(Examples<T> examples, long batchSize, boolean shuffle, CounterRandom random) {
        if (examples.size() <= 0 || batchSize <= 0) {
            throw new IllegalArgumentException(examples.size() + " examples in batches of " + batchSize);
        }
        this.examples = examples;
        this.batchSize = batchSize;
        this.shuffle = shuffle;
        this.random = random;
    }

    /** Optimiser steps of one epoch. */
    public long stepsPerEpoch() {
        return (examples.size() + batchSize - 1) / batchSize;
    }

    /** Steps of a run: {@code maxSteps} where that is > 0, or else whole and part epochs, rounded up. */
    public long steps(long maxSteps, double epochs) {
        return maxSteps > 0 ? maxSteps : (long) Math.ceil(epochs * stepsPerEpoch());
    }

    /** The examples of step 1, 2, ... */
    public List<T> batch(long step) {
        long epoch = (step - 1) / stepsPerEpoch();
        long from = (step - 1) % stepsPerEpoch() * batchSize;
        long to = Math.min(from + batchSize, examples.size());
        Permutation permutation = new Permutation(examples.size(), random.derive(epoch));
        List<T> batch = new ArrayList<>();
        for (long position = from; position < to; position++) {
            batch.add(examples.get(shuffle ? permutation.at(position) : position));
        }
        return batch;
    }
}
