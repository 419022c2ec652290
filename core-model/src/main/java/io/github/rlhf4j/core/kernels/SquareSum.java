package io.github.rlhf4j.core.kernels;

import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;

/** The sum of squares: float inside a block of 256, double between blocks, partial sums of tiles added in order. */
final class SquareSum implements Parallel.TileBody {
    private static final int CHUNK = 2048;
    private static final int CHUNKS_PER_TILE = 16;
    private static final int BLOCK = 256;

    private final Parallel parallel;
    private final Workspace[] workspaces;
    private double[] partial = new double[0];
    private FloatBuffer source = FloatBuffer.allocate(0);
    private int offset;
    private int stride;
    private int columns;
    private int chunksPerRow;
    private int chunks;

    SquareSum(Parallel parallel, Workspace[] workspaces) {
        this.parallel = parallel;
        this.workspaces = workspaces;
    }

    double of(Tensor x) {
        source = x.floats();
        offset = x.offset();
        stride = x.rowStride();
        columns = x.isContiguous() ? Math.toIntExact(x.size()) : x.columns();
        int rows = x.isContiguous() ? 1 : x.rows();
        chunksPerRow = (columns + CHUNK - 1) / CHUNK;
        chunks = rows * chunksPerRow;
        int tiles = (chunks + CHUNKS_PER_TILE - 1) / CHUNKS_PER_TILE;
        if (partial.length < tiles) {
            partial = new double[tiles];
        }
        parallel.forEachTile(tiles, this);
        double sum = 0;
        for (int tile = 0; tile < tiles; tile++) {
            sum += partial[tile];
        }
        return sum;
    }

    @Override
    public void run(int tile, int worker) {
        double sum = 0;
        int last = Math.min(chunks, (tile + 1) * CHUNKS_PER_TILE);
        for (int chunk = tile * CHUNKS_PER_TILE; chunk < last; chunk++) {
            int column = chunk % chunksPerRow * CHUNK;
            int n = Math.min(CHUNK, columns - column);
            int index = offset + chunk / chunksPerRow * stride + column;
            float[] x = workspaces[worker].load(0, source, index, n, 0);
            sum += VectorMath.sumOfSquares(x, n, BLOCK);
        }
        partial[tile] = sum;
    }
}
