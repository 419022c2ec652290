package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.stage.StageLoop;
import io.github.rlhf4j.core.train.Examples;
import java.util.List;
import java.util.Map;

/**
 * Where the reference's log-probs come from: computed once before training, computed in each step, or not needed.
 *
 * @param <T> the example
 */
interface Reference<T> extends AutoCloseable {
    /**
     * A stage's rows with their log-probs. Called once, before the first step: a policy that is its own reference has not been trained then.
     *
     * @param loop the steps of training; a reference that is asked in the step is asked about its batches
     * @param rows what the loop trains on by index; a reference that is asked beforehand is asked about these
     * @param held the evaluation sets by name
     */
    ScoredRows<T> score(StageLoop<T> loop, Examples<T> rows, Map<String, ? extends Examples<T>> held);

    @Override
    default void close() {}

    /** No loss asks for one: all log-probs are 0. */
    record None<T>(ResponseLayout<T> layout) implements StepReference<T> {
        @Override
        public List<WithRefLogProbs<T>> score(List<T> batch) {
            ResponseLogProbs zero = groups ->
                    groups.stream().map(group -> new double[group.size()]).toArray(double[][]::new);
            return zero.score(batch, layout);
        }
    }
}
