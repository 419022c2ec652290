package io.github.rlhf4j.core.kernels;

import java.nio.FloatBuffer;

/** The transpose of a matrix, square by square, each staged in arrays that stay in the first-level cache. */
final class Transposition {
    private static final int SIDE = VectorMath.SQUARE;
    private static final int STRIDE = VectorMath.SQUARE_STRIDE;

    private Transposition() {}

    /**
     * @param out receives (rows, columns) from {@code offset} on
     * @param in (columns, rows), contiguous
     */
    static void run(
            FloatBuffer out, int offset, int stride, FloatBuffer in, int rows, int columns, Workspace workspace) {
        float[] from = workspace.row(0, SIDE * STRIDE);
        float[] to = workspace.row(1, SIDE * STRIDE);
        for (int column = 0; column < columns; column += SIDE) {
            int width = Math.min(SIDE, columns - column);
            for (int row = 0; row < rows; row += SIDE) {
                int height = Math.min(SIDE, rows - row);
                for (int j = 0; j < width; j++) {
                    in.get((column + j) * rows + row, from, j * STRIDE, height);
                }
                VectorMath.transposeSquare(from, to);
                for (int i = 0; i < height; i++) {
                    out.put(offset + (row + i) * stride + column, to, i * STRIDE, width);
                }
            }
        }
    }
}
