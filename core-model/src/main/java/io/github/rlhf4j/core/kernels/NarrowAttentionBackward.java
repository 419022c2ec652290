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
            for (int query = 0; query < length; query += LANES) {
                int count = Math.min(LANES, length - query);
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
        scratch.weights = LaneScratch.fit(scratch.weights, KeyWalk.PIECE * LANES);
        scratch.dWeights = LaneScratch.fit(scratch.dWeights, KeyWalk.PIECE * LANES);
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
        int at = inOffset + row * inStride + column;
        LaneScratch.stage(scratch.queries, 0, width, in, at, inStride, count, LANES);
        LaneScratch.stage(scratch.outs, 0, width, out, outOffset + row * outStride + column, outStride, count, LANES);
        int dOutAt = offsetOfDOut + row * strideOfDOut + column;
        LaneScratch.stage(scratch.dOuts, 0, width, dOut, dOutAt, strideOfDOut, count, LANES);
        Arrays.fill(scratch.logs, 0);
        for (int h = 0; h < headsTogether * group; h++) {
            for (int l = 0; l < count; l++) {
                scratch.logs[l] = logSumExp.get(logOffset + (row + l) * logStride + head + h);
            }
            head(scratch, h, position, firstRow, width);
        }
        for (int l = 0; l < count; l++) {
            gradient.put(
                    gradientOffset + (row + l) * gradientStride + column,
                    scratch.dQueries,
                    l * LaneScratch.room(width, dim),
                    width);
        }
    }

    /** One head of a vector of queries. */
    private void head(LaneScratch scratch, int h, int position, int firstRow, int width) {
        int at = h * dim;
        int[] starts = scratch.laneStarts(width);
        LaneLoops.toLanes(scratch.queryLanes, scratch.queries, at, starts, dim, 1);
        LaneLoops.toLanes(scratch.dOutLanes, scratch.dOuts, at, starts, dim, 1);
        LaneLoops.delta(scratch.delta, scratch.outs, at, starts, scratch.dOutLanes, dim);
        KeyWalk walk = scratch.walk;
        for (int piece = 0; piece < walk.size(); piece++) {
            int key = walk.row(piece) - firstRow;
            int length = walk.length(piece);
            products(scratch, h, key, length);
            weigh(scratch, length, walk.position(piece) - position);
            accumulate(scratch, h, key, length, width, piece > 0);
        }
    }

    /** Raw scores k q and gradients of weights v dOut, (k, l). */
    private void products(LaneScratch scratch, int h, int key, int length) {
        int keyWidth = headsTogether * dim;
        int column = key * keyWidth + h / group * dim;
        for (int k = 0; k < length; k += LaneProducts.GROUP) {
            int at = column + k * keyWidth;
            LaneProducts.byRows(
                    scratch.weights,
                    k * LANES,
                    LANES,
                    scratch.keys,
                    at,
                    keyWidth,
                    scratch.queryLanes,
                    0,
                    LANES,
                    dim,
                    false);
            LaneProducts.byRows(
                    scratch.dWeights,
                    k * LANES,
                    LANES,
                    scratch.values,
                    at,
                    keyWidth,
                    scratch.dOutLanes,
                    0,
                    LANES,
                    dim,
                    false);
        }
    }

    /** Scores become weights, their gradients become gradients of the raw scores; zeros where nothing is visible. */
    private void weigh(LaneScratch scratch, int length, int ahead) {
        int padded = LaneProducts.roundUp(length);
        int edge = layout.window() == 0 ? Math.max(0, Math.min(length, 1 - ahead)) : 0;
        LaneLoops.exponentiate(scratch.weights, length, (float) layout.scale(), scratch.logs);
        LaneLoops.mask(scratch.weights, edge, length, ahead, LaneScratch.window(layout));
        Arrays.fill(scratch.weights, length * LANES, padded * LANES, 0);
        LaneLoops.throughSoftmax(scratch.dWeights, scratch.weights, padded, (float) layout.scale(), scratch.delta);
    }

    /** dQ += ds k, dV += p^T dOut, dK += ds^T q. */
    private void accumulate(LaneScratch scratch, int h, int key, int length, int width, boolean add) {
        int keyWidth = headsTogether * dim;
        int column = key * keyWidth + h / group * dim;
        int room = LaneScratch.room(width, dim);
        for (int l = 0; l < LANES; l += LaneProducts.GROUP) {
            for (int d = 0; d < dim; d += LANES) {
                LaneProducts.byColumns(
                        scratch.dQueries,
                        l * room + h * dim + d,
                        room,
                        scratch.dWeights,
                        l,
                        LANES,
                        scratch.keys,
                        column + d,
                        keyWidth,
                        length,
                        add);
            }
        }
        int paddedWidth = headsTogether * paddedDim;
        int to = key * paddedWidth + h / group * paddedDim;
        for (int k = 0; k < length; k += LaneProducts.GROUP) {
            for (int d = 0; d < dim; d += LANES) {
                int at = to + k * paddedWidth + d;
                LaneProducts.byRows(
                        scratch.dValues,
                        at,
                        paddedWidth,
                        scratch.weights,
                        k * LANES,
                        LANES,
                        scratch.dOuts,
                        h * dim + d,
                        width,
                        LANES,
                        true);
                LaneProducts.byRows(
                        scratch.dKeys,
                        at,
                        paddedWidth,
                        scratch.dWeights,
                        k * LANES,
                        LANES,
                        scratch.queries,
                        h * dim + d,
                        width,
                        LANES,
                        true);
            }
        }
    }
}
