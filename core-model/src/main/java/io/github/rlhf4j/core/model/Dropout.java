package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.CounterRandom;

/**
 * Dropout on what each block adds to the residual stream: an element is zeroed with probability {@code rate}, else divided by 1 - rate. Its draw is a function of (key,
 * step, the sequence's number in the step, layer, position, channel) alone.
 *
 * @param rate in [0, 1)
 * @param key of the run and stage
 * @param step optimiser step
 */
public record Dropout(double rate, CounterRandom key, long step) {
    public Dropout {
        if (!(rate >= 0 && rate < 1)) {
            throw new IllegalArgumentException("dropout must be in [0, 1), but is " + rate);
        }
    }
}
