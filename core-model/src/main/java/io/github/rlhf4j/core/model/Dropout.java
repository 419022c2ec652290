package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.CounterRandom;

/**
 * Dropout on what each block adds to the residual stream, and on what an adapter's A multiplies: an element is zeroed with probability {@code rate}, else divided by 1 - rate. Its draw is a function of (key,
 * step, the sequence's number in the step, layer or module, position, channel) alone.
 *
 * @param rate of the blocks, in [0, 1)
 * @param adapterRate of the adapter, in [0, 1)
 * @param key of the run and stage
 * @param step optimiser step
 */
public record Dropout(double rate, double adapterRate, CounterRandom key, long step) {
    public Dropout {
        if (!(rate >= 0 && rate < 1)) {
            throw new IllegalArgumentException("dropout must be in [0, 1), but is " + rate);
        }
        if (!(adapterRate >= 0 && adapterRate < 1)) {
            throw new IllegalArgumentException("an adapter's dropout must be in [0, 1), but is " + adapterRate);
        }
    }

    /** Of the blocks alone. */
    public Dropout(double rate, CounterRandom key, long step) {
        this(rate, 0, key, step);
    }
}
