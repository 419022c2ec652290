package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.kernels.AttentionLayout;
import io.github.rlhf4j.core.kernels.KeyWalk;
import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * The gradient of {@link SmallHeadAttentionForward}. A task is one tree and a few key-value heads, so no two write the same memory and gradients of shared keys and values add up in
 * the order of segments and rows.
 */
final class SmallHeadAttentionBackward implements Parallel.TileBody {
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
    private AttentionLayout layout = AttentionLayout.EMPTY;

    SmallHeadAttentionBackward(Parallel parallel, LaneScratch[] scratches) {
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
        headsTogether = SmallHeadAttention.headsTogether(layout, layout.trees());
        parallel.forEachTile(Math.multiplyExact(layout.trees(), layout.keyValueHeads() / headsTogether), this);
    }

    @Override
    public void run(int tile, int worker) {
        int parts = layout.keyValueHeads() / headsTogether;
        int tree = tile / parts;
        if (!SmallHeadAttention.suits(layout, tree)) {
            return;
        }
        LaneScratch scratch = scratches[worker];
        int keyValueHead = tile % parts * headsTogether;
        int queryWidth = headsTogether * group * dim;
        scratch.fitQueries(headsTogether * group, dim);
        stageKeys(scratch, tree, keyValueHead);
        int firstRow = layout.segmentStart()[layout.treeStart()[tree]];
        for (int segment = layout.treeStart()[tree]; segment < layout.treeStart()[tree + 1]; segment++) {
            int length = layout.segmentLength()[segment];
            clearQueries(scratch, segment, keyValueHead, queryWidth);
            for (int query = layout.firstQuery()[segment]; query < length; query += LaneProducts.BLOCK) {
                int count = Math.min(LaneProducts.BLOCK, length - query);
                scratch.walk.collect(layout, segment, query, query + count - 1);
                int position = layout.firstPosition(segment) + query;
                int row = layout.segmentStart()[segment] + query;
                queries(scratch, row, count, position, firstRow, keyValueHead, queryWidth);
            }
        }
        putKeys(scratch, tree, keyValueHead);
    }

    /** Zeros in the gradient of the queries of rows that do not attend. */
    private void clearQueries(LaneScratch scratch, int segment, int keyValueHead, int width) {
        int rows = layout.firstQuery()[segment];
        if (rows > 0) {
            Arrays.fill(scratch.dQueries, 0, width, 0);
        }
        int at = gradientOffset + layout.segmentStart()[segment] * gradientStride + keyValueHead * group * dim;
        for (int row = 0; row < rows; row++) {
            gradient.put(at + row * gradientStride, scratch.dQueries, 0, width);
        }
    }

    private void stageKeys(LaneScratch scratch, int tree, int keyValueHead) {
        int rows = SmallHeadAttention.rows(layout, tree);
        int width = headsTogether * dim;
        scratch.fitKeys(rows);
        int padded = LaneProducts.roundUp(rows) + LaneProducts.GROUP;
        int firstRow = layout.segmentStart()[layout.treeStart()[tree]];
        int at = inOffset + firstRow * inStride + layout.queryWidth() + keyValueHead * dim;
        int values = at + layout.keyValueWidth();
        LaneScratch.stage(scratch.keys, 0, LaneProducts.ROW, in, at, inStride, width, rows, padded);
        LaneScratch.stage(scratch.values, 0, LaneProducts.ROW, in, values, inStride, width, rows, padded);
        int size = padded * headsTogether * paddedDim;
        scratch.dKeys = LaneScratch.fit(scratch.dKeys, size);
        scratch.dValues = LaneScratch.fit(scratch.dValues, size);
        Arrays.fill(scratch.dKeys, 0, size, 0);
        Arrays.fill(scratch.dValues, 0, size, 0);
        scratch.fitWeights(KeyWalk.PIECE);
    }

    private void putKeys(LaneScratch scratch, int tree, int keyValueHead) {
        int rows = SmallHeadAttention.rows(layout, tree);
        int firstRow = layout.segmentStart()[layout.treeStart()[tree]];
        int column = gradientOffset + layout.queryWidth() + keyValueHead * dim;
        for (int row = 0; row < rows; row++) {
            int at = column + (firstRow + row) * gradientStride;
            int from = row * headsTogether * paddedDim;
            LaneScratch.put(gradient, at, scratch.dKeys, from, headsTogether, dim);
            LaneScratch.put(gradient, at + layout.keyValueWidth(), scratch.dValues, from, headsTogether, dim);
        }
    }

    private void queries(
            LaneScratch scratch, int row, int count, int position, int firstRow, int keyValueHead, int width) {
        int head = keyValueHead * group;
        int heads = headsTogether * group;
        int column = head * dim;
        int block = LaneProducts.BLOCK;
        int at = inOffset + row * inStride + column;
        LaneScratch.stage(scratch.queries, 0, width, in, at, inStride, width, count, block);
        int outAt = outOffset + row * outStride + column;
        LaneScratch.stage(scratch.outs, 0, width, out, outAt, outStride, width, count, block);
        int dOutAt = offsetOfDOut + row * strideOfDOut + column;
        LaneScratch.stage(scratch.dOuts, 0, width, dOut, dOutAt, strideOfDOut, width, count, block);
        Arrays.fill(scratch.dQueries, 0, block * heads * paddedDim, 0);
        Arrays.fill(scratch.logs, 0);
        for (int h = 0; h < heads; h++) {
            for (int l = 0; l < count; l++) {
                scratch.logs[l] = logSumExp.get(logOffset + (row + l) * logStride + head + h);
            }
            head(scratch, h, count, position, firstRow, width);
        }
        for (int l = 0; l < count; l++) {
            int to = gradientOffset + (row + l) * gradientStride + column;
            LaneScratch.put(gradient, to, scratch.dQueries, l * heads * paddedDim, heads, dim);
        }
    }

    private void head(LaneScratch scratch, int h, int count, int position, int firstRow, int width) {
        int last = count > LANES ? LANES : 0; // the last vector in use
        for (int half = 0; half <= last; half += LANES) {
            int at = half * width + h * dim;
            LaneScratch.toLanes(scratch.queryLanes, half, scratch.queries, at, width, dim, 1);
            LaneScratch.toLanes(scratch.dOutLanes, half, scratch.dOuts, at, width, dim, 1);
        }
        LaneLoops.delta(scratch.delta, scratch.outs, scratch.dOuts, h * dim, width, dim, LaneProducts.BLOCK);
        KeyWalk walk = scratch.walk;
        for (int piece = 0; piece < walk.size(); piece++) {
            int key = walk.row(piece) - firstRow;
            int length = walk.length(piece);
            int ahead = walk.position(piece) - position;
            int shared = last == 0 ? 0 : Math.max(0, Math.min(length, LANES - ahead)); // with the first vector
            int column = key * LaneProducts.ROW + h / group * dim;
            LaneProducts.scores(
                    scratch.weights, scratch.keys, column, scratch.queryLanes, dim, 0, shared, length, last);
            LaneProducts.scores(
                    scratch.dWeights, scratch.values, column, scratch.dOutLanes, dim, 0, shared, length, last);
            if (last > 0) {
                weigh(scratch, 0, shared, ahead);
            }
            weigh(scratch, last, length, ahead - last);
            addQueries(scratch, h, count, column, ahead, length);
            addKeys(scratch, h, count, key, ahead, length, width);
        }
    }

    /** Scores become weights, their gradients become gradients of the raw scores; zeros where nothing is visible. */
    private void weigh(LaneScratch scratch, int half, int length, int ahead) {
        float scale = (float) layout.scale();
        int padded = LaneProducts.roundUp(length);
        int edge = layout.window() == 0 ? Math.max(0, Math.min(length, 1 - ahead)) : 0;
        LaneLoops.exponentiate(scratch.weights, half, length, scale, scratch.logs);
        LaneLoops.mask(scratch.weights, half, edge, length, ahead, LaneScratch.window(layout));
        for (int k = length; k < padded; k++) {
            int at = k * LaneProducts.BLOCK + half;
            Arrays.fill(scratch.weights, at, at + LANES, 0);
        }
        LaneLoops.throughSoftmax(scratch.dWeights, scratch.weights, half, padded, scale, scratch.delta);
    }

    /** dQ += ds k, up to the last key that a group of queries sees. */
    private void addQueries(LaneScratch scratch, int h, int count, int column, int ahead, int length) {
        int stride = headsTogether * group * paddedDim;
        for (int l = 0; l < count; l += LaneProducts.GROUP) {
            int keys = Math.min(length, l + LaneProducts.GROUP - ahead);
            int to = l * stride + h * paddedDim;
            LaneProducts.addToQueries(
                    scratch.dQueries, to, stride, scratch.dWeights, l, scratch.keys, column, keys, dim);
        }
    }

    /** dV += p^T dOut, dK += ds^T q, from the first query on that sees a group of keys. */
    private void addKeys(LaneScratch scratch, int h, int count, int key, int ahead, int length, int width) {
        int stride = headsTogether * paddedDim;
        for (int k = 0; k < length; k += LaneProducts.GROUP) {
            int l = Math.max(0, k + ahead);
            int to = (key + k) * stride + h / group * paddedDim;
            int weights = k * LaneProducts.BLOCK + l;
            int from = l * width + h * dim;
            LaneProducts.addToKeys(
                    scratch.dValues, to, stride, scratch.weights, weights, scratch.dOuts, from, width, count - l, dim);
            LaneProducts.addToKeys(
                    scratch.dKeys, to, stride, scratch.dWeights, weights, scratch.queries, from, width, count - l, dim);
        }
    }
}
