package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;

/** Rows multiplied by a number each, and the products of rows with rows. */
final class RowFactors {
    private static final FloatBuffer NONE = FloatBuffer.allocate(0);

    private final Parallel parallel;
    private final Workspace[] workspaces;
    private final Parallel.TileBody scale = this::scaleTile;
    private final Parallel.TileBody dot = this::dotTile;
    private FloatBuffer x = NONE;
    private FloatBuffer y = NONE;
    private FloatBuffer factors = NONE;
    private int offset;
    private int offsetOfY;
    private int factorsOffset;
    private int stride;
    private int strideOfY;
    private int factorsStride;
    private int rows;
    private int columns;
    private int rowsPerTile;

    RowFactors(Parallel parallel, Workspace[] workspaces) {
        this.parallel = parallel;
        this.workspaces = workspaces;
    }

    void scale(Tensor inOut, Tensor by) {
        set(inOut, by);
        parallel.forEachTile(RowTiles.tiles(rows, rowsPerTile), scale);
    }

    void dot(Tensor out, Tensor a, Tensor b) {
        set(a, out);
        y = b.floats();
        offsetOfY = b.offset();
        strideOfY = b.rowStride();
        parallel.forEachTile(RowTiles.tiles(rows, rowsPerTile), dot);
    }

    private void set(Tensor matrix, Tensor column) {
        x = matrix.floats();
        offset = matrix.offset();
        stride = matrix.rowStride();
        rows = matrix.rows();
        columns = matrix.columns();
        factors = column.floats();
        factorsOffset = column.offset();
        factorsStride = column.rowStride();
        rowsPerTile = RowTiles.rowsPerTile(columns);
    }

    private void scaleTile(int tile, int worker) {
        Workspace workspace = workspaces[worker];
        for (int i = tile * rowsPerTile; i < Math.min(rows, (tile + 1) * rowsPerTile); i++) {
            float[] row = workspace.load(0, x, offset + i * stride, columns, 0);
            VectorMath.scale(row, columns, factors.get(factorsOffset + i * factorsStride));
            x.put(offset + i * stride, row, 0, columns);
        }
    }

    private void dotTile(int tile, int worker) {
        Workspace workspace = workspaces[worker];
        for (int i = tile * rowsPerTile; i < Math.min(rows, (tile + 1) * rowsPerTile); i++) {
            float[] row = workspace.load(0, x, offset + i * stride, columns, 0);
            float[] other = workspace.load(1, y, offsetOfY + i * strideOfY, columns, 0);
            factors.put(factorsOffset + i * factorsStride, (float) VectorMath.dot(row, other, columns));
        }
    }
}
