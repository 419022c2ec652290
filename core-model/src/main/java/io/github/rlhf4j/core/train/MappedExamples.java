package io.github.rlhf4j.core.train;

import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Examples that are made into something else when they are asked for.
 *
 * @param arePacks whether each is made of several rows
 */
record MappedExamples<S, T>(Examples<S> from, Function<? super S, ? extends T> function, boolean arePacks)
        implements Examples<T> {
    @Override
    public long size() {
        return from.size();
    }

    @Override
    public T get(long index) {
        return function.apply(from.get(index));
    }

    @Override
    public List<Map<String, Object>> describe(long[] indices) {
        return from.describe(indices);
    }
}
