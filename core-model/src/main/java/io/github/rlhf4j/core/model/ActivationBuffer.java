package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One activation's memory, kept from micro-batch to micro-batch: allocates only when it is asked for more rows than ever before. Owns its memory until {@link #close}.
 */
final class ActivationBuffer implements AutoCloseable {
    private static final int GRANULARITY = 64; // rows

    private final DataType type;
    private final int columns;
    private @Nullable NativeMemory memory;
    private @Nullable Tensor all;
    private @Nullable Tensor view;

    ActivationBuffer(DataType type, int columns) {
        this.type = type;
        this.columns = columns;
    }

    /** A (rows, columns) tensor, contents undefined; it and those given before are one memory. */
    Tensor rows(int rows) {
        Tensor present = view;
        if (present != null && present.rows() == rows) {
            return present;
        }
        Tensor fresh = withCapacity(rows).rows(0, rows);
        view = fresh;
        return fresh;
    }

    private Tensor withCapacity(int rows) {
        Tensor present = all;
        if (present != null && present.rows() >= rows) {
            return present;
        }
        close();
        int capacity = (int) (((long) rows + GRANULARITY - 1) / GRANULARITY * GRANULARITY);
        NativeMemory fresh = new NativeMemory(1 << 16);
        memory = fresh;
        Tensor grown = fresh.allocateUninitialized(type, capacity, columns);
        all = grown;
        return grown;
    }

    /** Native bytes held. */
    long bytes() {
        return memory == null ? 0 : memory.bytes();
    }

    @Override
    public void close() {
        if (memory != null) {
            memory.close();
        }
        memory = null;
        all = null;
        view = null;
    }
}
