package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.Arrays;

/** A row added to every row, and its gradient, the sum of all rows; partial sums of tiles are added in their order. */
final class RowSums {
    private final Parallel parallel;
    private final Workspace[] workspaces;
    private final Parallel.TileBody addRow = this::addRowTile;
    private final Parallel.TileBody sumColumns = this::sumColumnsTile;
    private final PartialRows partial = new PartialRows();
    private FloatBuffer x = FloatBuffer.allocate(0);
    private FloatBuffer vector = x;
    private int offset;
    private int vectorOffset;
    private int stride;
    private int rows;
    private int columns;
    private int rowsPerTile;

    RowSums(Parallel parallel, Workspace[] workspaces) {
        this.parallel = parallel;
        this.workspaces = workspaces;
    }

    void addRow(Tensor inOut, Tensor row) {
        set(inOut, row);
        parallel.forEachTile(RowTiles.tiles(rows, rowsPerTile), addRow);
    }

    void addColumnSums(Tensor out, Tensor of) {
        set(of, out);
        int tiles = RowTiles.tiles(rows, rowsPerTile);
        partial.resize(tiles, columns);
        parallel.forEachTile(tiles, sumColumns);
        partial.addTo(out, tiles, workspaces[0]);
    }

    private void set(Tensor matrix, Tensor row) {
        x = matrix.floats();
        offset = matrix.offset();
        stride = matrix.rowStride();
        rows = matrix.rows();
        columns = matrix.columns();
        vector = row.floats();
        vectorOffset = row.offset();
        rowsPerTile = RowTiles.rowsPerTile(columns);
    }

    private void addRowTile(int tile, int worker) {
        Workspace workspace = workspaces[worker];
        float[] added = workspace.load(0, vector, vectorOffset, columns, 0);
        for (int i = tile * rowsPerTile; i < Math.min(rows, (tile + 1) * rowsPerTile); i++) {
            float[] row = workspace.load(1, x, offset + i * stride, columns, 0);
            VectorMath.add(row, 0, added, 0, columns);
            x.put(offset + i * stride, row, 0, columns);
        }
    }

    private void sumColumnsTile(int tile, int worker) {
        Workspace workspace = workspaces[worker];
        float[] sum = workspace.row(0, columns);
        Arrays.fill(sum, 0, VectorMath.roundUp(columns), 0);
        for (int i = tile * rowsPerTile; i < Math.min(rows, (tile + 1) * rowsPerTile); i++) {
            VectorMath.add(sum, 0, workspace.load(1, x, offset + i * stride, columns, 0), 0, columns);
        }
        partial.put(tile, sum);
    }
}
