package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.Arrays;

/** Layer normalisation of rows and its gradient. */
final class RowLayerNorm {
    private static final FloatBuffer NONE = FloatBuffer.allocate(0);

    private final Parallel parallel;
    private final Workspace[] workspaces;
    private final Parallel.TileBody forward = this::forwardTile;
    private final Parallel.TileBody backward = this::backwardTile;
    private final PartialRows partialWeight = new PartialRows();
    private final PartialRows partialBias = new PartialRows();
    private FloatBuffer x = NONE;
    private FloatBuffer statistics = NONE;
    private FloatBuffer weight = NONE;
    private FloatBuffer bias = NONE;
    private FloatBuffer out = NONE;
    private FloatBuffer dX = NONE;
    private int offset;
    private int statisticsOffset;
    private int weightOffset;
    private int biasOffset;
    private int outOffset;
    private int offsetOfDx;
    private int stride;
    private int statisticsStride;
    private int outStride;
    private int strideOfDx;
    private int rows;
    private int columns;
    private int rowsPerTile;
    private double epsilon;

    RowLayerNorm(Parallel parallel, Workspace[] workspaces) {
        this.parallel = parallel;
        this.workspaces = workspaces;
    }

    void forward(Tensor output, Tensor statistic, Tensor input, Tensor gain, Tensor shift, double newEpsilon) {
        set(output, input, statistic, gain);
        bias = shift.floats();
        biasOffset = shift.offset();
        epsilon = newEpsilon;
        parallel.forEachTile(RowTiles.tiles(rows, rowsPerTile), forward);
    }

    void backward(
            Tensor dInput, Tensor dWeight, Tensor dBias, Tensor dOut, Tensor input, Tensor statistic, Tensor gain) {
        set(dOut, input, statistic, gain);
        dX = dInput.floats();
        offsetOfDx = dInput.offset();
        strideOfDx = dInput.rowStride();
        int tiles = RowTiles.tiles(rows, rowsPerTile);
        partialWeight.resize(tiles, columns);
        partialBias.resize(tiles, columns);
        parallel.forEachTile(tiles, backward);
        if (dWeight.columns() > 0) {
            partialWeight.addTo(dWeight, tiles, workspaces[0]);
        }
        if (dBias.columns() > 0) {
            partialBias.addTo(dBias, tiles, workspaces[0]);
        }
    }

    private void set(Tensor output, Tensor input, Tensor statistic, Tensor gain) {
        x = input.floats();
        offset = input.offset();
        stride = input.rowStride();
        rows = input.rows();
        columns = input.columns();
        out = output.floats();
        outOffset = output.offset();
        outStride = output.rowStride();
        statistics = statistic.floats();
        statisticsOffset = statistic.offset();
        statisticsStride = statistic.rowStride();
        weight = gain.floats();
        weightOffset = gain.offset();
        rowsPerTile = RowTiles.rowsPerTile(columns);
    }

    private void forwardTile(int tile, int worker) {
        Workspace workspace = workspaces[worker];
        float[] gain = workspace.load(0, weight, weightOffset, columns, 0);
        float[] shift = workspace.load(2, bias, biasOffset, columns, 0);
        for (int i = tile * rowsPerTile; i < Math.min(rows, (tile + 1) * rowsPerTile); i++) {
            float[] row = workspace.load(1, x, offset + i * stride, columns, 0);
            float mean = (float) (VectorMath.sum(row, columns) / columns);
            center(row, mean);
            float r = (float) (1 / Math.sqrt(VectorMath.dot(row, row, columns) / columns + epsilon));
            statistics.put(statisticsOffset + i * statisticsStride, mean);
            statistics.put(statisticsOffset + i * statisticsStride + 1, r);
            VectorMath.scaleByRow(row, row, gain, columns, r);
            VectorMath.add(row, 0, shift, 0, columns);
            out.put(outOffset + i * outStride, row, 0, columns);
        }
    }

    /** Subtracts the mean, leaving the padding zero. */
    private void center(float[] row, float mean) {
        VectorMath.addConstant(row, columns, -mean);
        Arrays.fill(row, columns, VectorMath.roundUp(columns), 0);
    }

    private void backwardTile(int tile, int worker) {
        Workspace workspace = workspaces[worker];
        float[] gain = workspace.load(0, weight, weightOffset, columns, 0);
        float[] sumOfProducts = workspace.row(4, columns);
        float[] sum = workspace.row(5, columns);
        Arrays.fill(sumOfProducts, 0, VectorMath.roundUp(columns), 0);
        Arrays.fill(sum, 0, VectorMath.roundUp(columns), 0);
        for (int i = tile * rowsPerTile; i < Math.min(rows, (tile + 1) * rowsPerTile); i++) {
            float[] row = workspace.load(1, x, offset + i * stride, columns, 0);
            float[] dOut = workspace.load(2, out, outOffset + i * outStride, columns, 0);
            float[] dRow = workspace.load(3, dX, offsetOfDx + i * strideOfDx, columns, 0);
            float r = statistics.get(statisticsOffset + i * statisticsStride + 1);
            center(row, statistics.get(statisticsOffset + i * statisticsStride));
            VectorMath.scale(row, columns, r); // normalised
            double mean = VectorMath.dot(dOut, gain, columns) / columns;
            double slope = VectorMath.dot(dOut, gain, row, columns) / columns;
            VectorMath.addNormGradient(dRow, dOut, gain, row, columns, r, (float) (-slope * r));
            VectorMath.addConstant(dRow, columns, (float) (-mean * r));
            dX.put(offsetOfDx + i * strideOfDx, dRow, 0, columns);
            VectorMath.addProduct(sumOfProducts, 0, dOut, row, columns, 1);
            VectorMath.add(sum, 0, dOut, 0, columns);
        }
        partialWeight.put(tile, sumOfProducts);
        partialBias.put(tile, sum);
    }
}
