package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.CompactMatrix;
import io.github.rlhf4j.core.tensor.Tensor;

/** Products with some rows of a weight, however it is held. */
record WeightRows(Kernels kernels, FusedParameter weight) {
    int columns() {
        return weight.matrix().columns();
    }

    /** {@code out = x W^T + beta out} of rows {@code first .. end - 1} of W. */
    void multiply(Tensor out, Tensor x, int first, int end, double beta) {
        CompactMatrix compact = weight.compact();
        if (compact == null) {
            kernels.matmul(out, x, false, weight.value().rows(first, end), true, 1, beta);
        } else {
            kernels.multiplyCompact(out, x, compact.rows(first, end), true, beta);
        }
    }

    /** {@code dX = dOut W} of those rows. */
    void multiplyBackward(Tensor dX, Tensor dOut, int first, int end) {
        CompactMatrix compact = weight.compact();
        if (compact == null) {
            kernels.matmul(dX, dOut, false, weight.value().rows(first, end), false, 1, 0);
        } else {
            kernels.multiplyCompact(dX, dOut, compact.rows(first, end), false, 0);
        }
    }

    /** The rows themselves. */
    void copyTo(Tensor out, int first, int end) {
        CompactMatrix compact = weight.compact();
        if (compact == null) {
            kernels.copy(out, weight.value().rows(first, end));
        } else {
            kernels.expand(out, compact.rows(first, end));
        }
    }
}
