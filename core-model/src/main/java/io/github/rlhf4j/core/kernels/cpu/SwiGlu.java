package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;

/** SwiGLU and its gradient, row by row, the gate's half beside the other. */
final class SwiGlu {
    private static final FloatBuffer NONE = FloatBuffer.allocate(0);

    private final Parallel parallel;
    private final Workspace[] workspaces;
    private final Parallel.TileBody forward = this::forwardTile;
    private final Parallel.TileBody backward = this::backwardTile;
    private FloatBuffer gateUp = NONE;
    private FloatBuffer narrow = NONE;
    private FloatBuffer gradient = NONE;
    private int offset;
    private int stride;
    private int narrowOffset;
    private int narrowStride;
    private int gradientOffset;
    private int gradientStride;
    private int rows;
    private int width;
    private int rowsPerTile;

    SwiGlu(Parallel parallel, Workspace[] workspaces) {
        this.parallel = parallel;
        this.workspaces = workspaces;
    }

    void forward(Tensor out, Tensor in) {
        set(out, in);
        parallel.forEachTile(RowTiles.tiles(rows, rowsPerTile), forward);
    }

    void backward(Tensor dIn, Tensor inOut, Tensor in) {
        set(inOut, in);
        gradient = dIn.floats();
        gradientOffset = dIn.offset();
        gradientStride = dIn.rowStride();
        parallel.forEachTile(RowTiles.tiles(rows, rowsPerTile), backward);
    }

    private void set(Tensor out, Tensor in) {
        gateUp = in.floats();
        offset = in.offset();
        stride = in.rowStride();
        narrow = out.floats();
        narrowOffset = out.offset();
        narrowStride = out.rowStride();
        rows = out.rows();
        width = out.columns();
        rowsPerTile = RowTiles.rowsPerTile(width);
    }

    private void forwardTile(int tile, int worker) {
        Workspace workspace = workspaces[worker];
        for (int i = tile * rowsPerTile; i < Math.min(rows, (tile + 1) * rowsPerTile); i++) {
            float[] gate = workspace.load(0, gateUp, offset + i * stride, width, 0);
            float[] up = workspace.load(1, gateUp, offset + i * stride + width, width, 0);
            VectorMath.swiGlu(gate, up, width);
            narrow.put(narrowOffset + i * narrowStride, gate, 0, width);
        }
    }

    private void backwardTile(int tile, int worker) {
        Workspace workspace = workspaces[worker];
        for (int i = tile * rowsPerTile; i < Math.min(rows, (tile + 1) * rowsPerTile); i++) {
            float[] gate = workspace.load(0, gateUp, offset + i * stride, width, 0);
            float[] up = workspace.load(1, gateUp, offset + i * stride + width, width, 0);
            float[] inOut = workspace.load(2, narrow, narrowOffset + i * narrowStride, width, 0);
            float[] e = workspace.row(3, width);
            VectorMath.expOfNegative(e, gate, width);
            VectorMath.swiGluBackward(gate, up, inOut, e, width);
            narrow.put(narrowOffset + i * narrowStride, inOut, 0, width);
            gradient.put(gradientOffset + i * gradientStride, gate, 0, width);
            gradient.put(gradientOffset + i * gradientStride + width, up, 0, width);
        }
    }
}
