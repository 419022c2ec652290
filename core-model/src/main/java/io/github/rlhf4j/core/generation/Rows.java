package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.Tensor;

/** Rows of a tensor to arrays and back. */
final class Rows {
    private Rows() {}

    static void load(Tensor from, int row, float[] to, int offset) {
        int columns = from.columns();
        if (from.type() == DataType.FLOAT) {
            from.floats().get(from.offset(row), to, offset, columns);
        } else {
            for (int j = 0; j < columns; j++) {
                to[offset + j] = (float) from.get(row, j);
            }
        }
    }

    static void store(float[] from, int offset, Tensor to, int row) {
        int columns = to.columns();
        if (to.type() == DataType.FLOAT) {
            to.floats().put(to.offset(row), from, offset, columns);
        } else {
            for (int j = 0; j < columns; j++) {
                to.set(row, j, from[offset + j]);
            }
        }
    }
}
