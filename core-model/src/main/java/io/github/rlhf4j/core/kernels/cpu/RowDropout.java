package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;

/** Dropout of rows, each with its own key. */
final class RowDropout implements Parallel.TileBody {
    private final Parallel parallel;
    private final Workspace[] workspaces;
    private FloatBuffer x = FloatBuffer.allocate(0);
    private int offset;
    private int stride;
    private int rows;
    private int columns;
    private int rowsPerTile;
    private long[] keys = {};
    private long threshold; // of 32 bits
    private float scale;

    RowDropout(Parallel parallel, Workspace[] workspaces) {
        this.parallel = parallel;
        this.workspaces = workspaces;
    }

    void apply(Tensor inOut, long[] ofRows, double rate) {
        x = inOut.floats();
        offset = inOut.offset();
        stride = inOut.rowStride();
        rows = inOut.rows();
        columns = inOut.columns();
        rowsPerTile = RowTiles.rowsPerTile(columns);
        keys = ofRows;
        threshold = (long) (rate * 0x1p32);
        scale = (float) (1 / (1 - rate));
        parallel.forEachTile(RowTiles.tiles(rows, rowsPerTile), this);
    }

    @Override
    public void run(int tile, int worker) {
        Workspace workspace = workspaces[worker];
        for (int i = tile * rowsPerTile; i < Math.min(rows, (tile + 1) * rowsPerTile); i++) {
            float[] row = workspace.load(0, x, offset + i * stride, columns, 0);
            drop(row, new CounterRandom(keys[i]));
            x.put(offset + i * stride, row, 0, columns);
        }
    }

    private void drop(float[] row, CounterRandom random) {
        for (int j = 0; j < columns; j++) {
            row[j] = random.bits(j) >>> 32 >= threshold ? row[j] * scale : 0;
        }
    }
}
