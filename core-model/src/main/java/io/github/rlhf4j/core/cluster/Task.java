package io.github.rlhf4j.core.cluster;

import java.io.Serializable;

/**
 * A pure function of its input, its own components and the weights of the model versions among them: no clock, no statics, no files, randomness by {@link io.github.rlhf4j.core.CounterRandom} alone. A record, so that it can be sent as it is.
 *
 * @param <I> a piece of work, which can be serialised
 * @param <O> its result, which can be serialised
 */
@FunctionalInterface
public interface Task<I, O> extends Serializable {
    /**
     * The result of one piece.
     *
     * @param worker where it is computed: gives models
     */
    O run(I input, Worker worker);
}
