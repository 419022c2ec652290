package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.stage.StageLoop;
import io.github.rlhf4j.core.train.Examples;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A reference that is asked in each step, about examples that are not known before it.
 *
 * @param <T> the example
 */
interface StepReference<T> extends Reference<T> {
    @Override
    default ScoredRows<T> score(StageLoop<T> loop, Examples<T> rows, Map<String, ? extends Examples<T>> held) {
        Map<String, HeldOut<T>> sets = new LinkedHashMap<>();
        held.forEach((name, set) -> sets.put(name, HeldOut.of(set, this::score)));
        return new ScoredRows<>(loop.map(this::score).afterStep(this::afterStep), sets);
    }

    /** Some examples with their log-probs, as the reference is now. */
    List<WithRefLogProbs<T>> score(List<T> batch);

    /** Called after optimiser step {@code step}, from 1. */
    default void afterStep(long step) {}
}
