package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.train.Examples;
import java.util.List;

/**
 * Where the reference's log-probs come from.
 *
 * @param <T> the example
 */
interface Reference<T> extends AutoCloseable {
    /**
     * The examples with log-probs, or with room for them.
     *
     * @param used ascending indices of those that will be asked for; no other has any
     */
    Examples<WithRefLogProbs<T>> attach(Examples<T> examples, long[] used);

    /** All data are attached: what was only needed for that may go. */
    default void attached() {}

    /** The examples of a step with their log-probs. */
    List<WithRefLogProbs<T>> complete(List<WithRefLogProbs<T>> examples);

    /** After optimiser step {@code step} of the policy, which a reference may follow. */
    default void afterStep(long step, Transformer policy) {}

    @Override
    default void close() {}

    /** No loss asks for one: all log-probs are 0. */
    record None<T>(ResponseLayout<T> layout) implements Reference<T> {
        @Override
        public Examples<WithRefLogProbs<T>> attach(Examples<T> examples, long[] used) {
            return examples.map(tokens ->
                    new WithRefLogProbs<>(tokens, new double[layout.of(tokens).size()]));
        }

        @Override
        public List<WithRefLogProbs<T>> complete(List<WithRefLogProbs<T>> examples) {
            return examples;
        }
    }
}
