package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.CompactMatrix;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;

/** A compact matrix as floats, some rows at a time, for what need not have it as a whole. */
final class CompactPieces {
    private static final int ELEMENTS = 1 << 20;
    private static final int GRAIN = 256; // rows, whole panels

    /** What is done with a piece. */
    @FunctionalInterface
    interface Use {
        /**
         * @param first the piece's first row of the matrix, a multiple of 256
         * @param piece (rows, columns), to be read during the call
         */
        void accept(int first, Tensor piece);
    }

    private CompactPieces() {}

    static void forEach(CompactMatrix matrix, Kernels kernels, Use use) {
        int rows = Math.max(GRAIN, ELEMENTS / Math.max(1, matrix.columns()) / GRAIN * GRAIN);
        try (NativeMemory memory = new NativeMemory(1 << 16)) {
            Tensor room = memory.allocateUninitialized(kernels.type(), Math.min(rows, matrix.rows()), matrix.columns());
            for (int from = 0; from < matrix.rows(); from += rows) {
                int to = Math.min(from + rows, matrix.rows());
                Tensor piece = room.rows(0, to - from);
                kernels.expand(piece, matrix.rows(from, to));
                use.accept(from, piece);
            }
        }
    }
}
