package io.github.rlhf4j.core.train;

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
        return of(size(), index -> function.apply(get(index)));
    }

    /** {@code size} examples, each computed whenever it is asked for. */
    static <T> Examples<T> of(long size, LongFunction<? extends T> get) {
        return new Examples<>() {
            @Override
            public long size() {
                return size;
            }

            @Override
            public T get(long index) {
                return get.apply(index);
            }
        };
    }
}
