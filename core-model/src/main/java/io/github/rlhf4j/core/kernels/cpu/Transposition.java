package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The transpose of a matrix, square by square, each staged in arrays that stay in the first-level cache. */
final class Transposition {
    private static final int SIDE = VectorMath.SQUARE;
    private static final int STRIDE = VectorMath.SQUARE_STRIDE;

    private final Parallel parallel;
    private final Workspace[] workspaces;
    private final int tiles;
    private final Parallel.TileBody tile = this::runTile;
    private @Nullable Tensor out;
    private @Nullable Tensor in;
    private int tileRows;

    /** @param tiles into how many a matrix is cut */
    Transposition(Parallel parallel, Workspace[] workspaces, int tiles) {
        this.tiles = tiles;
        this.parallel = parallel;
        this.workspaces = workspaces;
    }

    void run(Tensor newOut, Tensor newIn) {
        out = newOut;
        in = newIn;
        tileRows = Math.max(SIDE, RowTiles.tiles(newIn.rows(), tiles));
        parallel.forEachTile(RowTiles.tiles(newIn.rows(), tileRows), tile);
    }

    private void runTile(int index, int worker) {
        run(Objects.requireNonNull(out), Objects.requireNonNull(in), index, worker);
    }

    private void run(Tensor out, Tensor in, int index, int worker) {
        int row = index * tileRows;
        int height = Math.min(tileRows, in.rows() - row);
        run(
                out.floats(),
                out.offset() + row,
                out.rowStride(),
                in.floats(),
                in.offset(row),
                in.rowStride(),
                in.columns(),
                height,
                workspaces[worker]);
    }

    /**
     * @param out receives (rows, columns) from {@code outAt} on
     * @param in (columns, rows) from {@code inAt} on
     */
    static void run(
            FloatBuffer out,
            int outAt,
            int outStride,
            FloatBuffer in,
            int inAt,
            int inStride,
            int rows,
            int columns,
            Workspace workspace) {
        float[] from = workspace.row(0, SIDE * STRIDE);
        float[] to = workspace.row(1, SIDE * STRIDE);
        for (int column = 0; column < columns; column += SIDE) {
            int width = Math.min(SIDE, columns - column);
            for (int row = 0; row < rows; row += SIDE) {
                int height = Math.min(SIDE, rows - row);
                for (int j = 0; j < width; j++) {
                    in.get(inAt + (column + j) * inStride + row, from, j * STRIDE, height);
                }
                VectorMath.transposeSquare(from, to);
                for (int i = 0; i < height; i++) {
                    out.put(outAt + (row + i) * outStride + column, to, i * STRIDE, width);
                }
            }
        }
    }
}
