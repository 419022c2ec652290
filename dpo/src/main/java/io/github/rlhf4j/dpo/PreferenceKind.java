package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.parallel.TravellingObjective;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.datasets.training.ExampleKind;

/**
 * What a dpo stage learns from, pairs or rankings, and by which loss.
 *
 * @param <T> the example
 */
interface PreferenceKind<T> {
    ExampleKind<?, T> rows();

    ResponseLayout<T> layout();

    boolean needsReference();

    /** How log-probs are summed. */
    ResponseSums sums();

    /** What a person sees of an example's responses, in the order of its layout. */
    String[] names(T example);

    /** What follows where policy and reference are the same. */
    String atTheStart();

    Objective<WithRefLogProbs<T>> objective(Comparisons comparisons);

    /** The objective of training. */
    TravellingObjective<WithRefLogProbs<T>> travelling();
}
