package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;

/** Rotary positions in place. */
final class RotaryEmbedding implements Parallel.TileBody {
    private static final FloatBuffer NONE = FloatBuffer.allocate(0);

    private final Parallel parallel;
    private final Workspace[] workspaces;
    private FloatBuffer x = NONE;
    private FloatBuffer cosines = NONE;
    private FloatBuffer sines = NONE;
    private int[] positions = new int[0];
    private int offset;
    private int stride;
    private int rows;
    private int columns;
    private int cosineOffset;
    private int cosineStride;
    private int sineOffset;
    private int sineStride;
    private int half;
    private boolean inverse;
    private int rowsPerTile;

    RotaryEmbedding(Parallel parallel, Workspace[] workspaces) {
        this.parallel = parallel;
        this.workspaces = workspaces;
    }

    void rotate(Tensor rotated, int[] at, Tensor cosineTable, Tensor sineTable, int headDim, boolean backwards) {
        x = rotated.floats();
        offset = rotated.offset();
        stride = rotated.rowStride();
        rows = rotated.rows();
        columns = rotated.columns();
        positions = at;
        cosines = cosineTable.floats();
        cosineOffset = cosineTable.offset();
        cosineStride = cosineTable.rowStride();
        sines = sineTable.floats();
        sineOffset = sineTable.offset();
        sineStride = sineTable.rowStride();
        half = headDim / 2;
        inverse = backwards;
        rowsPerTile = RowTiles.rowsPerTile(columns);
        parallel.forEachTile(RowTiles.tiles(rows, rowsPerTile), this);
    }

    @Override
    public void run(int tile, int worker) {
        Workspace workspace = workspaces[worker];
        for (int i = tile * rowsPerTile; i < Math.min(rows, (tile + 1) * rowsPerTile); i++) {
            float[] cosine = workspace.load(0, cosines, cosineOffset + positions[i] * cosineStride, half, 0);
            float[] sine = workspace.load(1, sines, sineOffset + positions[i] * sineStride, half, 0);
            if (inverse) {
                VectorMath.scale(sine, half, -1);
            }
            float[] row = workspace.load(2, x, offset + i * stride, columns, 0);
            for (int head = 0; head < columns; head += 2 * half) {
                if (half % VectorMath.LANES == 0) {
                    VectorMath.rotate(row, head, half, cosine, sine);
                } else {
                    rotateScalar(row, head, cosine, sine);
                }
            }
            x.put(offset + i * stride, row, 0, columns);
        }
    }

    private void rotateScalar(float[] row, int head, float[] cosine, float[] sine) {
        for (int j = 0; j < half; j++) {
            float a = row[head + j];
            float b = row[head + half + j];
            row[head + j] = a * cosine[j] - b * sine[j];
            row[head + half + j] = b * cosine[j] + a * sine[j];
        }
    }
}
