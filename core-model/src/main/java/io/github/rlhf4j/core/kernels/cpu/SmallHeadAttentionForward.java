package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.kernels.AttentionLayout;
import io.github.rlhf4j.core.kernels.KeyWalk;
import io.github.rlhf4j.core.kernels.QueryBlocks;
import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Attention of narrow heads: two vectors of query rows side by side, so that scores, softmax and sums need no reduction across lanes. A task is a block of query rows and
 * a few key-value heads, whose keys and values are staged once.
 */
final class SmallHeadAttentionForward implements Parallel.TileBody {
    private static final int QUERIES = 128;
    private static final int LANES = VectorMath.LANES;
    private static final FloatBuffer NONE = FloatBuffer.allocate(0);

    private final Parallel parallel;
    private final LaneScratch[] scratches;
    private final QueryBlocks blocks = new QueryBlocks();
    private FloatBuffer in = NONE;
    private FloatBuffer out = NONE;
    private FloatBuffer logSumExp = NONE;
    private int inOffset;
    private int inStride;
    private int outOffset;
    private int outStride;
    private int logOffset;
    private int logStride;
    private int headsTogether;
    private AttentionLayout layout = AttentionLayout.EMPTY;

    SmallHeadAttentionForward(Parallel parallel, LaneScratch[] scratches) {
        this.parallel = parallel;
        this.scratches = scratches;
    }

    /** Computes the trees that suit; the others' rows stay as they are. */
    void attend(Tensor output, Tensor logs, Tensor queryKeyValue, AttentionLayout of) {
        layout = of;
        SmallHeadAttention.collect(blocks, layout, QUERIES, true);
        in = queryKeyValue.floats();
        inOffset = queryKeyValue.offset();
        inStride = queryKeyValue.rowStride();
        out = output.floats();
        outOffset = output.offset();
        outStride = output.rowStride();
        logSumExp = logs.floats();
        logOffset = logs.offset();
        logStride = logs.rowStride();
        headsTogether = SmallHeadAttention.headsTogether(layout, blocks.size());
        parallel.forEachTile(Math.multiplyExact(blocks.size(), layout.keyValueHeads() / headsTogether), this);
    }

    @Override
    public void run(int tile, int worker) {
        LaneScratch scratch = scratches[worker];
        int parts = layout.keyValueHeads() / headsTogether;
        int segment = blocks.segment(tile / parts);
        int first = blocks.first(tile / parts);
        int keyValueHead = tile % parts * headsTogether;
        int end = Math.min(layout.segmentLength()[segment], first + QUERIES);
        stageKeys(scratch, segment, first, end, keyValueHead);
        int width = headsTogether * layout.headDim() * group();
        scratch.fitQueries(headsTogether * group(), layout.headDim());
        for (int query = first; query < end; query += LaneProducts.BLOCK) {
            queries(scratch, segment, query, Math.min(LaneProducts.BLOCK, end - query), keyValueHead, width);
        }
    }

    private int group() {
        return layout.heads() / layout.keyValueHeads();
    }

    private void stageKeys(LaneScratch scratch, int segment, int first, int end, int keyValueHead) {
        KeyWalk walk = scratch.walk;
        walk.collect(layout, segment, first, end - 1);
        int width = headsTogether * layout.headDim();
        int count = layout.firstPosition(segment) + end - walk.position(0);
        scratch.fitKeys(count);
        scratch.fitWeights(LaneProducts.roundUp(count));
        int keyColumn = layout.queryWidth() + keyValueHead * layout.headDim();
        int row = 0;
        for (int piece = 0; piece < walk.size(); piece++) {
            int length = walk.length(piece);
            int padded = piece == walk.size() - 1 ? LaneProducts.roundUp(count) - row : length;
            int at = inOffset + walk.row(piece) * inStride + keyColumn;
            LaneScratch.stage(scratch.keys, row, LaneProducts.ROW, in, at, inStride, width, length, padded);
            int valueAt = at + layout.keyValueWidth();
            LaneScratch.stage(scratch.values, row, LaneProducts.ROW, in, valueAt, inStride, width, length, padded);
            row += length;
        }
    }

    private void queries(LaneScratch scratch, int segment, int query, int count, int keyValueHead, int width) {
        int row = layout.segmentStart()[segment] + query;
        int head = keyValueHead * group();
        int heads = headsTogether * group();
        int column = head * layout.headDim();
        int at = inOffset + row * inStride + column;
        LaneScratch.stage(scratch.queries, 0, width, in, at, inStride, width, count, LaneProducts.BLOCK);
        int position = layout.firstPosition(segment) + query - scratch.walk.position(0);
        int paddedWidth = heads * VectorMath.roundUp(layout.headDim());
        Arrays.fill(scratch.outs, 0, LaneProducts.BLOCK * paddedWidth, 0);
        for (int h = 0; h < heads; h++) {
            head(scratch, h, count, position, width);
            for (int l = 0; l < count; l++) {
                logSumExp.put(logOffset + (row + l) * logStride + head + h, scratch.logs[l]);
            }
        }
        for (int l = 0; l < count; l++) {
            int to = outOffset + (row + l) * outStride + column;
            LaneScratch.put(out, to, scratch.outs, l * paddedWidth, heads, layout.headDim());
        }
    }

    /** One head for a block of queries, the first of them at {@code position} among the staged keys. */
    private void head(LaneScratch scratch, int h, int count, int position, int width) {
        int dim = layout.headDim();
        int firstVisible = layout.window() == 0 ? 0 : Math.max(0, position + 1 - layout.window());
        int from = firstVisible / LaneProducts.GROUP * LaneProducts.GROUP;
        int to = LaneProducts.roundUp(position + count);
        int last = count > LANES ? LANES : 0; // the last vector in use
        for (int half = 0; half <= last; half += LANES) {
            int start = half * width + h * dim;
            LaneScratch.toLanes(scratch.queryLanes, half, scratch.queries, start, width, dim, (float) layout.scale());
        }
        int shared = last == 0 ? from : LaneProducts.roundUp(position + LANES); // with the first vector
        int column = h / group() * dim;
        LaneProducts.scores(scratch.weights, scratch.keys, column, scratch.queryLanes, dim, from, shared, to, last);
        if (last > 0) {
            softmax(scratch, 0, from, shared, position);
        }
        softmax(scratch, last, from, to, position + last);
        VectorMath.addLog(scratch.logs, scratch.highest, scratch.sums, last + LANES);
        sum(scratch, h, count, from, position);
    }

    /** Scores become probabilities times their sums, 0 where nothing is visible; sets the highest and the sums. */
    private void softmax(LaneScratch scratch, int half, int from, int to, int position) {
        float[] weights = scratch.weights;
        int window = LaneScratch.window(layout);
        int edge = layout.window() == 0 ? position + 1 : from;
        LaneLoops.hide(weights, half, edge, to, position, window);
        LaneLoops.maxima(weights, half, from, to, scratch.highest);
        LaneLoops.exponentiate(weights, half, from, to, scratch.highest, scratch.sums);
        LaneLoops.mask(weights, half, edge, to, -position, window);
    }

    /** The outputs: sums of the values, up to the last key that a group of queries sees. */
    private void sum(LaneScratch scratch, int h, int count, int from, int position) {
        int dim = layout.headDim();
        int padded = VectorMath.roundUp(dim);
        int stride = headsTogether * group() * padded;
        int values = from * LaneProducts.ROW + h / group() * dim;
        for (int l = 0; l < count; l += LaneProducts.GROUP) {
            int keys = position + Math.min(l + LaneProducts.GROUP, count) - from;
            LaneProducts.addToQueries(
                    scratch.outs,
                    l * stride + h * padded,
                    stride,
                    scratch.weights,
                    from * LaneProducts.BLOCK + l,
                    scratch.values,
                    values,
                    keys,
                    dim);
        }
        LaneLoops.normalize(scratch.outs, h * padded, stride, dim, scratch.sums, count);
    }
}
