package io.github.rlhf4j.core.train;

import io.github.rlhf4j.core.CounterRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

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
        List<T> batch = new ArrayList<>();
        indices(step).forEach(index -> batch.add(examples.get(index)));
        return batch;
    }

    /** What the examples of step 1, 2, ... were made of, each with its {@code index}. */
    public List<Map<String, Object>> describe(long step) {
        long[] indices = indices(step).toArray();
        List<Map<String, Object>> known = examples.describe(indices);
        List<Map<String, Object>> described = new ArrayList<>();
        for (int i = 0; i < indices.length; i++) {
            Map<String, Object> example = new LinkedHashMap<>();
            example.put("index", indices[i]);
            example.putAll(known.get(i));
            described.add(example);
        }
        return described;
    }

    /** The indices of all examples that steps 1 .. {@code steps} train on, ascending. */
    public long[] used(long steps) {
        return steps < stepsPerEpoch()
                ? indices(0, 0, steps * batchSize).sorted().toArray()
                : LongStream.range(0, examples.size()).toArray();
    }

    /** The same order of other examples, as many as these. */
    public <R> ExampleOrder<R> of(Examples<R> others) {
        return new ExampleOrder<>(others, batchSize, shuffle, random);
    }

    private LongStream indices(long step) {
        long from = (step - 1) % stepsPerEpoch() * batchSize;
        return indices((step - 1) / stepsPerEpoch(), from, Math.min(from + batchSize, examples.size()));
    }

    private LongStream indices(long epoch, long from, long to) {
        LongStream positions = LongStream.range(from, to);
        return shuffle ? positions.map(new Permutation(examples.size(), random.derive(epoch))::at) : positions;
    }
}
