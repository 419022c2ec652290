package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.kernels.RowMaxima;
import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;

/** Rows of logits become exponentials in place, a tile a row. */
final class Exponentials implements Parallel.TileBody {
    private final Parallel parallel;
    private final Workspace[] workspaces;
    private FloatBuffer x = FloatBuffer.allocate(0);
    private RowMaxima maxima = new RowMaxima();
    private int offset;
    private int stride;
    private int columns;
    private float factor;

    Exponentials(Parallel parallel, Workspace[] workspaces) {
        this.parallel = parallel;
        this.workspaces = workspaces;
    }

    void run(Tensor inOut, double temperature, RowMaxima out) {
        x = inOut.floats();
        offset = inOut.offset();
        stride = inOut.rowStride();
        columns = inOut.columns();
        factor = (float) (1 / temperature);
        maxima = out;
        out.resize(inOut.rows());
        parallel.forEachTile(inOut.rows(), this);
    }

    @Override
    public void run(int tile, int worker) {
        int at = offset + tile * stride;
        float[] row = workspaces[worker].load(0, x, at, columns, Float.NEGATIVE_INFINITY);
        float max = VectorMath.max(row, columns);
        int top = 0;
        while (top < columns - 1 && row[top] != max) {
            top++;
        }
        double sum = VectorMath.expAndSum(row, row, columns, max, factor);
        x.put(at, row, 0, columns);
        maxima.set(tile, max, sum, top);
    }
}
