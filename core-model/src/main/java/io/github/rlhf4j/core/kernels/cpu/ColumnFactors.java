package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.Arrays;

/** Columns multiplied by a number each, and the products of columns with columns; partial sums of tiles are added in their order. */
final class ColumnFactors {
    private static final FloatBuffer NONE = FloatBuffer.allocate(0);

    private final Parallel parallel;
    private final Workspace[] workspaces;
    private final Parallel.TileBody scale = this::scaleTile;
    private final Parallel.TileBody dot = this::dotTile;
    private final PartialRows partial = new PartialRows();
    private Tensor x = Tensor.onHeap(0, 0);
    private Tensor y = x;
    private FloatBuffer factors = NONE;
    private int factorsOffset;
    private int rowsPerTile;

    ColumnFactors(Parallel parallel, Workspace[] workspaces) {
        this.parallel = parallel;
        this.workspaces = workspaces;
    }

    void scale(Tensor inOut, Tensor by) {
        x = inOut;
        factors = by.floats();
        factorsOffset = by.offset();
        rowsPerTile = RowTiles.rowsPerTile(x.columns());
        parallel.forEachTile(RowTiles.tiles(x.rows(), rowsPerTile), scale);
    }

    void addDots(Tensor out, Tensor a, Tensor b) {
        x = a;
        y = b;
        rowsPerTile = RowTiles.rowsPerTile(x.columns());
        int tiles = RowTiles.tiles(x.rows(), rowsPerTile);
        partial.resize(tiles, x.columns());
        parallel.forEachTile(tiles, dot);
        partial.addTo(out, tiles, workspaces[0]);
    }

    private void scaleTile(int tile, int worker) {
        Workspace workspace = workspaces[worker];
        int columns = x.columns();
        float[] by = workspace.load(1, factors, factorsOffset, columns, 0);
        for (int i = tile * rowsPerTile; i < Math.min(x.rows(), (tile + 1) * rowsPerTile); i++) {
            float[] row = workspace.load(0, x.floats(), x.offset(i), columns, 0);
            VectorMath.scaleByRow(row, row, by, columns, 1);
            x.floats().put(x.offset(i), row, 0, columns);
        }
    }

    private void dotTile(int tile, int worker) {
        Workspace workspace = workspaces[worker];
        int columns = x.columns();
        float[] sum = workspace.row(0, columns);
        Arrays.fill(sum, 0, VectorMath.roundUp(columns), 0);
        for (int i = tile * rowsPerTile; i < Math.min(x.rows(), (tile + 1) * rowsPerTile); i++) {
            float[] one = workspace.load(1, x.floats(), x.offset(i), columns, 0);
            float[] other = workspace.load(2, y.floats(), y.offset(i), columns, 0);
            VectorMath.addProduct(sum, 0, one, other, columns, 1);
        }
        partial.put(tile, sum);
    }
}
