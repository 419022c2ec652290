package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.tensor.Tensor;

/** The sum of squares: float inside a block of 256, double between blocks, partial sums of tiles added in order. */
final class SquareSum implements Parallel.TileBody {
    private static final int BLOCK = 256;

    private final Parallel parallel;
    private final Workspace[] workspaces;
    private final TensorChunks chunks = new TensorChunks();
    private double[] partial = new double[0];

    SquareSum(Parallel parallel, Workspace[] workspaces) {
        this.parallel = parallel;
        this.workspaces = workspaces;
    }

    double of(Tensor x) {
        int tiles = chunks.cut(x);
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
        for (int chunk = chunks.first(tile); chunk < chunks.end(tile); chunk++) {
            float[] x = chunks.load(workspaces[worker], chunk);
            sum += VectorMath.sumOfSquares(x, chunks.length(chunk), BLOCK);
        }
        partial[tile] = sum;
    }
}
