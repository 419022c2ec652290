package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;

/** Rows picked from a table, and their gradients added back: in order of the picks, so the table is cut by columns. */
final class GatherScatter {
    private static final int COLUMNS_PER_TILE = 128;

    private final Parallel parallel;
    private final Workspace[] workspaces;
    private final Parallel.TileBody gather = this::gatherTile;
    private final Parallel.TileBody scatter = this::scatterTile;
    private FloatBuffer table = FloatBuffer.allocate(0);
    private FloatBuffer dense = table;
    private int[] rows = new int[0];
    private int from;
    private int count;
    private int columns;
    private int tableOffset;
    private int tableStride;
    private int denseOffset;
    private int denseStride;
    private int rowsPerTile;

    GatherScatter(Parallel parallel, Workspace[] workspaces) {
        this.parallel = parallel;
        this.workspaces = workspaces;
    }

    void gather(Tensor out, Tensor of, int[] picks, int first, int picked) {
        set(out, of, picks, first, picked);
        parallel.forEachTile(RowTiles.tiles(count, rowsPerTile), gather);
    }

    void scatterAdd(Tensor into, int[] picks, int first, int picked, Tensor in) {
        set(in, into, picks, first, picked);
        parallel.forEachTile((columns + COLUMNS_PER_TILE - 1) / COLUMNS_PER_TILE, scatter);
    }

    private void set(Tensor newDense, Tensor newTable, int[] picks, int first, int picked) {
        table = newTable.floats();
        tableOffset = newTable.offset();
        tableStride = newTable.rowStride();
        dense = newDense.floats();
        denseOffset = newDense.offset();
        denseStride = newDense.rowStride();
        columns = newTable.columns();
        rows = picks;
        from = first;
        count = picked;
        rowsPerTile = RowTiles.rowsPerTile(columns);
        for (int i = from; i < from + count; i++) {
            if (rows[i] < 0 || rows[i] >= newTable.rows()) {
                throw new IndexOutOfBoundsException("row " + rows[i] + " of " + newTable);
            }
        }
    }

    private void gatherTile(int tile, int worker) {
        float[] row = workspaces[worker].row(0, columns);
        for (int i = tile * rowsPerTile; i < Math.min(count, (tile + 1) * rowsPerTile); i++) {
            table.get(tableOffset + rows[from + i] * tableStride, row, 0, columns);
            dense.put(denseOffset + i * denseStride, row, 0, columns);
        }
    }

    private void scatterTile(int tile, int worker) {
        Workspace workspace = workspaces[worker];
        int column = tile * COLUMNS_PER_TILE;
        int n = Math.min(COLUMNS_PER_TILE, columns - column);
        for (int i = 0; i < count; i++) {
            int at = tableOffset + rows[from + i] * tableStride + column;
            float[] sum = workspace.load(0, table, at, n, 0);
            VectorMath.add(sum, 0, workspace.load(1, dense, denseOffset + i * denseStride + column, n, 0), 0, n);
            table.put(at, sum, 0, n);
        }
    }
}
