package io.github.rlhf4j.core.kernels;

import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * The gradient of {@link NarrowAttentionForward}. A task is one tree and a few key-value heads, so no two write the same memory and gradients of shared keys and values add up in
 * the order of segments and rows.
 */
final class NarrowAttentionBackward implements Parallel.TileBody {
    private static final int LANES = VectorMath.LANES;
    private static final FloatBuffer NONE = FloatBuffer.allocate(0);

    private final Parallel parallel;
    private final LaneScratch[] scratches;
    private FloatBuffer in = NONE;
    private FloatBuffer gradient = NONE;
    private FloatBuffer out = NONE;
    private FloatBuffer dOut = NONE;
    private FloatBuffer logSumExp = NONE;
    private int inOffset;
    private int inStride;
    private int gradientOffset;
    private int gradientStride;
    private int outOffset;
    private int outStride;
    private int offsetOfDOut;
    private int strideOfDOut;
    private int logOffset;
    private int logStride;
    private int headsTogether;
    private int dim;
    private int paddedDim;
    private int group;
    private AttentionLayout layout = QueryBlocks.EMPTY;

    NarrowAttentionBackward(Parallel parallel, LaneScratch[] scratches) {
        this.parallel = parallel;
        this.scratches = scratches;
    }

    /** Writes the gradient of the trees that suit; the others' rows stay as they are. */
    void attend(
            Tensor dQueryKeyValue,
            Tensor dOutput,
            Tensor output,
            Tensor logs,
            Tensor queryKeyValue,
            AttentionLayout of) {
        layout = of;
        in = queryKeyValue.floats();
        inOffset = queryKeyValue.offset();
        inStride = queryKeyValue.rowStride();
        gradient = dQueryKeyValue.floats();
        gradientOffset = dQueryKeyValue.offset();
        gradientStride = dQueryKeyValue.rowStride();
        out = output.floats();
        outOffset = output.offset();
        outStride = output.rowStride();
        dOut = dOutput.floats();
        offsetOfDOut = dOutput.offset();
        strideOfDOut = dOutput.rowStride();
        logSumExp = logs.floats();
        logOffset = logs.offset();
        logStride = logs.rowStride();
        dim = layout.headDim();
        paddedDim = VectorMath.roundUp(dim);
        group = layout.heads() / layout.keyValueHeads();
        headsTogether = NarrowAttention.headsTogether(layout, layout.trees());
        parallel.forEachTile(Math.multiplyExact(layout.trees(), layout.keyValueHeads() / headsTogether), this);
    }

    @Override
    public void run(int tile, int worker) {
        int parts = layout.keyValueHeads() / headsTogether;
        int tree = tile / parts;
        if (!NarrowAttention.suits(layout, tree)) {
            return;
        }
        LaneScratch scratch = scratches[worker];
        int keyValueHead = tile % parts * headsTogether;
        int queryWidth = headsTogether * group * dim;
        scratch.fitQueries(queryWidth, dim);
        stageKeys(scratch, tree, keyValueHead);
        int firstRow = layout.segmentStart()[layout.treeStart()[tree]];
        for (int segment = layout.treeStart()[tree]; segment < layout.treeStart()[tree + 1]; segment++) {
            int length = layout.segmentLength()[segment];
            for (int query = 0; query < length; query += LaneScratch.BLOCK) {
                int count = Math.min(LaneScratch.BLOCK, length - query);
                scratch.walk.collect(layout, segment, query, query + count - 1);
                int position = layout.firstPosition(segment) + query;
                int row = layout.segmentStart()[segment] + query;
                queries(scratch, row, count, position, firstRow, keyValueHead, queryWidth);
            }
        }
        putKeys(scratch, tree, keyValueHead);
    }

    private void stageKeys(LaneScratch scratch, int tree, int keyValueHead) {
        int rows = NarrowAttention.rows(layout, tree);
        int width = headsTogether * dim;
        scratch.fitKeys(rows, width);
        int padded = LaneProducts.roundUp(rows) + LaneProducts.GROUP;
        int firstRow = layout.segmentStart()[layout.treeStart()[tree]];
        int at = inOffset + firstRow * inStride + layout.queryWidth() + keyValueHead * dim;
        LaneScratch.stage(scratch.keys, 0, width, in, at, inStride, rows, padded);
        LaneScratch.stage(scratch.values, 0, width, in, at + layout.keyValueWidth(), inStride, rows, padded);
        int size = padded * headsTogether * paddedDim;
        scratch.dKeys = LaneScratch.fit(scratch.dKeys, size);
        scratch.dValues = LaneScratch.fit(scratch.dValues, size);
        Arrays.fill(scratch.dKeys, 0, size, 0);
        Arrays.fill(scratch.dValues, 0, size, 0);
        for (LaneScratch.Half half : scratch.halves) {
            half.fitWeights(KeyWalk.PIECE);
        }
    }

    private void putKeys(LaneScratch scratch, int tree, int keyValueHead) {
        int rows = NarrowAttention.rows(layout, tree);
        int firstRow = layout.segmentStart()[layout.treeStart()[tree]];
        int column = gradientOffset + layout.queryWidth() + keyValueHead * dim;
        for (int row = 0; row < rows; row++) {
            int at = column + (firstRow + row) * gradientStride;
            put(scratch.dKeys, row, at);
            put(scratch.dValues, row, at + layout.keyValueWidth());
        }
    }

    private void put(float[] padded, int row, int at) {
        int from = row * headsTogether * paddedDim;
        if (paddedDim != dim) {
            for (int head = 1; head < headsTogether; head++) {
                System.arraycopy(padded, from + head * paddedDim, padded, from + head * dim, dim);
            }
        }
        gradient.put(at, padded, from, headsTogether * dim);
    }

    private void queries(
            LaneScratch scratch, int row, int count, int position, int firstRow, int keyValueHead, int width) {
        int head = keyValueHead * group;
        int column = head * dim;
        int block = LaneScratch.BLOCK;
        int at = inOffset + row * inStride + column;
        LaneScratch.stage(scratch.queries, 0, width, in, at, inStride, count, block);
        LaneScratch.stage(scratch.outs, 0, width, out, outOffset + row * outStride + column, outStride, count, block);
        int dOutAt = offsetOfDOut + row * strideOfDOut + column;
        LaneScratch.stage(scratch.dOuts, 0, width, dOut, dOutAt, strideOfDOut, count, block);
        for (LaneScratch.Half half : scratch.halves) {
            Arrays.fill(half.logs, 0);
        }
        for (int h = 0; h < headsTogether * group; h++) {
            for (int l = 0; l < count; l++) {
                scratch.halves[l / LANES].logs[l % LANES] = logSumExp.get(logOffset + (row + l) * logStride + head + h);
            }
            head(scratch, h, count > LANES ? 2 : 1, position, firstRow, width);
        }
        for (int l = 0; l < count; l++) {
            gradient.put(gradientOffset + (row + l) * gradientStride + column, scratch.dQueries, l * width, width);
        }
    }

    /** One head of a block of queries, of which {@code used} vectors are in use. */
    private void head(LaneScratch scratch, int h, int used, int position, int firstRow, int width) {
        for (int i = 0; i < used; i++) {
            LaneScratch.Half half = scratch.halves[i];
            int at = i * LANES * width + h * dim;
            LaneScratch.toLanes(half.queryLanes, scratch.queries, at, width, dim, 1);
            LaneScratch.toLanes(half.outLanes, scratch.outs, at, width, dim, 1);
            LaneScratch.toLanes(half.dOutLanes, scratch.dOuts, at, width, dim, 1);
            Arrays.fill(half.dQueryLanes, 0, dim * LANES, 0);
            LaneLoops.delta(half.delta, half.outLanes, half.dOutLanes, dim);
        }
        KeyWalk walk = scratch.walk;
        for (int piece = 0; piece < walk.size(); piece++) {
            int key = walk.row(piece) - firstRow;
            int length = walk.length(piece);
            int ahead = walk.position(piece) - position;
            int shared = used == 1 ? 0 : Math.max(0, Math.min(length, LANES - ahead)); // with the first vector
            products(scratch, h, used, key, shared, length);
            if (used == 2) {
                weigh(scratch.halves[0], shared, ahead);
            }
            weigh(scratch.halves[used - 1], length, ahead - (used - 1) * LANES);
            addQueries(scratch, h, used, key, shared, length);
            addKeys(scratch, h, used, key, shared, length, width);
        }
        for (int i = 0; i < used; i++) {
            int at = i * LANES * width + h * dim;
            LaneScratch.toRows(scratch.dQueries, at, width, scratch.halves[i].dQueryLanes, dim);
        }
    }

    /** Raw scores k q and gradients of weights v dOut, (k, l); of keys from {@code shared} on for the last vector alone. */
    private void products(LaneScratch scratch, int h, int used, int key, int shared, int length) {
        int keyWidth = headsTogether * dim;
        int at = key * keyWidth + h / group * dim;
        LaneScratch.Half first = scratch.halves[0];
        LaneScratch.Half last = scratch.halves[used - 1];
        LaneProducts.scores(
                first.weights,
                last.weights,
                scratch.keys,
                at,
                keyWidth,
                first.queryLanes,
                last.queryLanes,
                dim,
                0,
                shared,
                length);
        LaneProducts.scores(
                first.dWeights,
                last.dWeights,
                scratch.values,
                at,
                keyWidth,
                first.dOutLanes,
                last.dOutLanes,
                dim,
                0,
                shared,
                length);
    }

    /** Scores become weights, their gradients become gradients of the raw scores; zeros where nothing is visible. */
    private void weigh(LaneScratch.Half half, int length, int ahead) {
        int padded = LaneProducts.roundUp(length);
        int edge = layout.window() == 0 ? Math.max(0, Math.min(length, 1 - ahead)) : 0;
        LaneLoops.exponentiate(half.weights, length, (float) layout.scale(), half.logs);
        LaneLoops.mask(half.weights, edge, length, ahead, LaneScratch.window(layout));
        Arrays.fill(half.weights, length * LANES, padded * LANES, 0);
        LaneLoops.throughSoftmax(half.dWeights, half.weights, padded, (float) layout.scale(), half.delta);
    }

    /** dQ += ds k. */
    private void addQueries(LaneScratch scratch, int h, int used, int key, int shared, int length) {
        int keyWidth = headsTogether * dim;
        int at = key * keyWidth + h / group * dim;
        LaneScratch.Half first = scratch.halves[0];
        LaneScratch.Half last = scratch.halves[used - 1];
        LaneProducts.addSums(
                first.dQueryLanes,
                last.dQueryLanes,
                scratch.keys,
                at,
                keyWidth,
                first.dWeights,
                last.dWeights,
                dim,
                0,
                shared,
                length);
    }

    /** dV += p^T dOut, dK += ds^T q. */
    private void addKeys(LaneScratch scratch, int h, int used, int key, int shared, int length, int width) {
        int paddedWidth = headsTogether * paddedDim;
        int to = key * paddedWidth + h / group * paddedDim;
        for (int i = 0; i < used; i++) {
            LaneScratch.Half half = scratch.halves[i];
            int from = i * LANES * width + h * dim;
            int keys = i == used - 1 ? length : shared;
            for (int k = 0; k < keys; k += LaneProducts.GROUP) {
                int at = to + k * paddedWidth;
                addKeys(scratch.dValues, at, half.weights, k, scratch.dOuts, from, width);
                addKeys(scratch.dKeys, at, half.dWeights, k, scratch.queries, from, width);
            }
        }
    }

    /** {@code out (k, d) += sum over l of weights (k, l) * rows (l, d)} for a group of keys. */
    private void addKeys(float[] out, int to, float[] weights, int key, float[] rows, int from, int width) {
        int stride = headsTogether * paddedDim;
        int d = 0;
        for (; d + LANES < dim; d += 2 * LANES) {
            LaneProducts.addTwoByRows(
                    out,
                    to + d,
                    out,
                    to + d + LANES,
                    stride,
                    weights,
                    key * LANES,
                    LANES,
                    rows,
                    from + d,
                    rows,
                    from + d + LANES,
                    width,
                    LANES);
        }
        if (d < dim) {
            LaneProducts.byRows(out, to + d, stride, weights, key * LANES, LANES, rows, from + d, width, LANES, true);
        }
    }
}
