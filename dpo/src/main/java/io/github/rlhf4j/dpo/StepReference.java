package io.github.rlhf4j.dpo;

import java.util.List;

/**
 * A reference that is asked in each step, about examples that are not known before it.
 *
 * @param <T> the example
 */
interface StepReference<T> extends Reference<T> {
    /** Some examples with their log-probs, as the reference is now. */
    List<WithRefLogProbs<T>> score(List<T> batch);

    /** Called after optimiser step {@code step}, from 1. */
    default void afterStep(long step) {}
}
