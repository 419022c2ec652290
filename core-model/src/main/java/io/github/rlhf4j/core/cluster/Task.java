package io.github.rlhf4j.core.cluster;

import java.io.Serializable;

/**
 * A pure function of its input, its own components and the weights of the model versions among them: no clock, no statics, no files, randomness by {@link io.github.rlhf4j.core.CounterRandom} alone. A record; a {@link TaskKind} makes bytes of it for other processes.
 *
 * @param <I> a piece of work
 * @param <O> its result
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
