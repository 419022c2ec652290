package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.train.Examples;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * An evaluation set, whose examples come with the reference's log-probs.
 *
 * @param <T> the example
 */
final class HeldOut<T> {
    private final Examples<?> examples;
    private final Range<T> range;

    private HeldOut(Examples<?> examples, Range<T> range) {
        this.examples = examples;
        this.range = range;
    }

    private interface Range<T> {
        List<WithRefLogProbs<T>> of(long from, long to);
    }

    /** Examples that have been scored. */
    static <T> HeldOut<T> of(Examples<WithRefLogProbs<T>> examples) {
        return new HeldOut<>(examples, (from, to) -> list(examples, from, to));
    }

    /** Examples that are scored when they are asked for, those of one range together. */
    static <T> HeldOut<T> of(Examples<T> examples, Function<List<T>, List<WithRefLogProbs<T>>> scorer) {
        return new HeldOut<>(examples, (from, to) -> scorer.apply(list(examples, from, to)));
    }

    long size() {
        return examples.size();
    }

    /** The examples themselves, which say what they were made of. */
    Examples<?> examples() {
        return examples;
    }

    /** Examples {@code from .. to - 1}. */
    List<WithRefLogProbs<T>> range(long from, long to) {
        return range.of(from, to);
    }

    private static <E> List<E> list(Examples<E> examples, long from, long to) {
        List<E> list = new ArrayList<>();
        for (long i = from; i < to; i++) {
            list.add(examples.get(i));
        }
        return list;
    }
}
