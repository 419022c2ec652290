package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.tensor.Tensor;

/** One partial sum of rows for each tile, added up in the order of tiles. */
final class PartialRows {
    private float[] sums = new float[0];
    private int columns;
    private int padded;

    void resize(int tiles, int newColumns) {
        columns = newColumns;
        padded = VectorMath.roundUp(columns);
        int needed = Math.multiplyExact(tiles, padded);
        if (sums.length < needed) {
            sums = new float[needed];
        }
    }

    void put(int tile, float[] row) {
        System.arraycopy(row, 0, sums, tile * padded, padded);
    }

    /** Adds all tiles' rows to the vector {@code out}. */
    void addTo(Tensor out, int tiles, Workspace workspace) {
        float[] total = workspace.load(0, out.floats(), out.offset(), columns, 0);
        float[] row = workspace.row(1, columns);
        for (int tile = 0; tile < tiles; tile++) {
            System.arraycopy(sums, tile * padded, row, 0, padded);
            VectorMath.add(total, 0, row, 0, columns);
        }
        out.floats().put(out.offset(), total, 0, columns);
    }
}
