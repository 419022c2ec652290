package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.tensor.CompactMatrix;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Products with a {@link CompactMatrix}: some rows of it at a time become floats, which are in the cache when they are multiplied. Owns the memory for those until {@link #close}. */
final class CompactProduct implements AutoCloseable {
    /** Elements of the weight at a time: few enough for the cache, enough for a product that packs its operands. */
    private static final int ELEMENTS = 1 << 22;

    private static final int GRAIN = 64; // rows

    private final CompactRows rows;
    private final Matmul matmul;
    private @Nullable NativeMemory memory;
    private @Nullable Tensor room; // (1, elements)

    CompactProduct(CompactRows rows, Matmul matmul) {
        this.rows = rows;
        this.matmul = matmul;
    }

    /** {@code out = a op(b) + beta out}. */
    void multiply(Tensor out, Tensor a, CompactMatrix b, boolean transposeB, double beta) {
        int rowsAtOnce = Math.max(GRAIN, ELEMENTS / Math.max(1, b.columns()) / GRAIN * GRAIN);
        for (int from = 0; from < b.rows(); from += rowsAtOnce) {
            int to = Math.min(from + rowsAtOnce, b.rows());
            Tensor tile = room(to - from, b.columns());
            rows.expand(tile, b.rows(from, to), null, 0, to - from);
            if (transposeB) {
                matmul.multiply(out.columns(from, to), a, false, tile, true, 1, beta);
            } else {
                matmul.multiply(out, a.columns(from, to), false, tile, false, 1, from == 0 ? beta : 1);
            }
        }
    }

    private Tensor room(int count, int columns) {
        int elements = Math.multiplyExact(count, columns);
        Tensor present = room;
        if (present == null || present.columns() < elements) {
            close();
            NativeMemory fresh = new NativeMemory(1 << 16);
            memory = fresh;
            present = fresh.allocateUninitialized(DataType.FLOAT, 1, elements);
            room = present;
        }
        return present.columns(0, elements).reshape(count, columns);
    }

    @Override
    public void close() {
        if (memory != null) {
            memory.close();
        }
        memory = null;
        room = null;
    }
}
