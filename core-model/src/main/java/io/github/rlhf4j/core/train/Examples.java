package io.github.rlhf4j.core.train;

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
     * @throws IndexOutOfBoundsException unless 0 <= index < size()
     */
    T get(long index);
}
