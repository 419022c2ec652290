package io.github.rlhf4j.core.train;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongFunction;

/**
 * Examples by index, for training sets larger than memory: {@code get} reads from wherever they lie and keeps nothing.
 *
 * @param <T> the type of an example
 */
public interface Examples<T> {
    /** How many there are. */
    long size();

    /**
     * The example at {@code index}; the same index gives an equal example each time. Safe for one thread.
     *
     * @throws IndexOutOfBoundsException unless {@code 0 <= index < size()}
     */
    T get(long index);

    /** Each of these, made into something else whenever it is asked for. */
    default <R> Examples<R> map(Function<? super T, ? extends R> function) {
        return new MappedExamples<>(this, function, arePacks());
    }

    /** Whether an example is made of several rows, of which {@link #describe} knows the first. */
    default boolean arePacks() {
        return false;
    }

    /** The same examples, each made of several rows. */
    default Examples<T> asPacks() {
        return new MappedExamples<>(this, example -> example, true);
    }

    /** What these examples were made of, for a person who looks into what went wrong with them: {@code file}, {@code line}, {@code row}, as far as it is known. May take as long as reading the data. */
    default List<Map<String, Object>> describe(long[] indices) {
        return Arrays.stream(indices)
                .mapToObj(index -> Map.<String, Object>of())
                .toList();
    }

    /** {@code size} examples, each computed whenever it is asked for; nobody knows what they were made of. */
    static <T> Examples<T> of(long size, LongFunction<? extends T> get) {
        return of(size, get, indices -> Collections.nCopies(indices.length, Map.of()));
    }

    /**
     * {@code size} examples, each computed whenever it is asked for.
     *
     * @param describe what those were made of, as {@link #describe}
     */
    static <T> Examples<T> of(
            long size, LongFunction<? extends T> get, Function<long[], List<Map<String, Object>>> describe) {
        return new Examples<>() {
            @Override
            public long size() {
                return size;
            }

            @Override
            public T get(long index) {
                return get.apply(index);
            }

            @Override
            public List<Map<String, Object>> describe(long[] indices) {
                return describe.apply(indices);
            }
        };
    }
}
