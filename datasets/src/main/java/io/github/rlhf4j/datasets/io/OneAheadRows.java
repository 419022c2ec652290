package io.github.rlhf4j.datasets.io;

import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** Rows of a file of which one is read ahead. */
abstract class OneAheadRows implements RowSource {
    private @Nullable Row next;
    private boolean isEnded;

    /** Reads the next row; null at the end, after which it is not called again. */
    abstract @Nullable Row read();

    @Override
    public final boolean hasNext() {
        if (next == null && !isEnded) {
            next = read();
            isEnded = next == null;
        }
        return next != null;
    }

    @Override
    public final Row next() {
        if (!hasNext() || next == null) {
            throw new NoSuchElementException();
        }
        Row row = next;
        next = null;
        return row;
    }
}
