package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.datasets.tokens.TokenizedPair;
import java.util.List;

/** Where the reference's log-probs come from. */
interface Reference extends AutoCloseable {
    /** The pairs as examples, with or without log-probs yet. */
    Examples<DpoExample> attach(Examples<TokenizedPair> pairs);

    /** All data are attached: what was only needed for that may go. */
    default void attached() {}

    /** The examples of a step with their log-probs. */
    List<DpoExample> complete(List<DpoExample> examples);

    /** After optimiser step {@code step} of the policy, which a reference may follow. */
    default void afterStep(long step, Transformer policy) {}

    @Override
    default void close() {}

    /** No loss asks for one: all log-probs are 0. */
    final class None implements Reference {
        @Override
        public Examples<DpoExample> attach(Examples<TokenizedPair> pairs) {
            return new AttachedExamples(pairs, i -> 0, i -> 0);
        }

        @Override
        public List<DpoExample> complete(List<DpoExample> examples) {
            return examples;
        }
    }
}
