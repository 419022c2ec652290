package io.github.rlhf4j.dpo;

import java.util.List;

/**
 * Where the pairs of a step come from.
 *
 * @param <T> a row of the stage
 */
@FunctionalInterface
interface PairSource<T> {
    /**
     * The pairs of one step.
     *
     * @param step from 1
     * @param batch its rows
     */
    List<OnlinePair> of(long step, List<T> batch);
}
