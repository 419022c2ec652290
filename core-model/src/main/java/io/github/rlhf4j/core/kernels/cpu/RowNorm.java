package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.Arrays;

/** The root-mean-square norm of groups of columns of rows, and its gradient. */
final class RowNorm {
    private static final FloatBuffer NONE = FloatBuffer.allocate(0);

    private final Parallel parallel;
    private final Workspace[] workspaces;
    private final Parallel.TileBody forward = this::forwardTile;
    private final Parallel.TileBody backward = this::backwardTile;
    private final PartialRows partial = new PartialRows();
    private FloatBuffer x = NONE;
    private FloatBuffer inverse = NONE;
    private FloatBuffer weight = NONE;
    private FloatBuffer out = NONE;
    private FloatBuffer dX = NONE;
    private int offset;
    private int inverseOffset;
    private int weightOffset;
    private int outOffset;
    private int offsetOfDx;
    private int stride;
    private int inverseStride;
    private int outStride;
    private int strideOfDx;
    private int rows;
    private int columns; // of a group
    private int groups;
    private int rowsPerTile;
    private double epsilon;
    private boolean weightTrains;

    RowNorm(Parallel parallel, Workspace[] workspaces) {
        this.parallel = parallel;
        this.workspaces = workspaces;
    }

    void forward(Tensor output, Tensor inverseRms, Tensor input, Tensor gain, double newEpsilon) {
        set(output, input, inverseRms, gain);
        epsilon = newEpsilon;
        parallel.forEachTile(RowTiles.tiles(rows, rowsPerTile), forward);
    }

    void backward(Tensor dInput, Tensor dWeight, Tensor dOut, Tensor input, Tensor inverseRms, Tensor gain) {
        set(dOut, input, inverseRms, gain);
        dX = dInput.floats();
        offsetOfDx = dInput.offset();
        strideOfDx = dInput.rowStride();
        weightTrains = dWeight.columns() > 0;
        int tiles = RowTiles.tiles(rows, rowsPerTile);
        partial.resize(tiles, columns);
        parallel.forEachTile(tiles, backward);
        if (weightTrains) {
            partial.addTo(dWeight, tiles, workspaces[0]);
        }
    }

    private void set(Tensor output, Tensor input, Tensor inverseRms, Tensor gain) {
        x = input.floats();
        offset = input.offset();
        stride = input.rowStride();
        rows = input.rows();
        columns = gain.columns();
        groups = input.columns() / columns;
        out = output.floats();
        outOffset = output.offset();
        outStride = output.rowStride();
        inverse = inverseRms.floats();
        inverseOffset = inverseRms.offset();
        inverseStride = inverseRms.rowStride();
        weight = gain.floats();
        weightOffset = gain.offset();
        rowsPerTile = RowTiles.rowsPerTile(input.columns());
    }

    private void forwardTile(int tile, int worker) {
        Workspace workspace = workspaces[worker];
        float[] gain = workspace.load(0, weight, weightOffset, columns, 0);
        for (int i = tile * rowsPerTile; i < Math.min(rows, (tile + 1) * rowsPerTile); i++) {
            for (int group = 0; group < groups; group++) {
                int column = group * columns;
                float[] row = workspace.load(1, x, offset + i * stride + column, columns, 0);
                float r = (float) (1 / Math.sqrt(VectorMath.dot(row, row, columns) / columns + epsilon));
                inverse.put(inverseOffset + i * inverseStride + group, r);
                VectorMath.scaleByRow(row, row, gain, columns, r);
                out.put(outOffset + i * outStride + column, row, 0, columns);
            }
        }
    }

    private void backwardTile(int tile, int worker) {
        Workspace workspace = workspaces[worker];
        float[] gain = workspace.load(0, weight, weightOffset, columns, 0);
        float[] sum = workspace.row(4, columns);
        Arrays.fill(sum, 0, VectorMath.roundUp(columns), 0);
        for (int i = tile * rowsPerTile; i < Math.min(rows, (tile + 1) * rowsPerTile); i++) {
            for (int group = 0; group < groups; group++) {
                int column = group * columns;
                float[] row = workspace.load(1, x, offset + i * stride + column, columns, 0);
                float[] dOut = workspace.load(2, out, outOffset + i * outStride + column, columns, 0);
                float[] dRow = workspace.load(3, dX, offsetOfDx + i * strideOfDx + column, columns, 0);
                float r = inverse.get(inverseOffset + i * inverseStride + group);
                double dot = VectorMath.dot(dOut, gain, row, columns);
                VectorMath.addNormGradient(dRow, dOut, gain, row, columns, r, (float) (-dot * r * r * r / columns));
                dX.put(offsetOfDx + i * strideOfDx + column, dRow, 0, columns);
                if (weightTrains) {
                    VectorMath.addProduct(sum, 0, dOut, row, columns, r);
                }
            }
        }
        partial.put(tile, sum);
    }
}
