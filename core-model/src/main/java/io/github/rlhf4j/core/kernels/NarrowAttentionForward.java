package io.github.rlhf4j.core.kernels;

import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Attention of narrow heads: two vectors of query rows side by side, so that scores, softmax and sums need no reduction across lanes. A task is a block of query rows and
 * a few key-value heads, whose keys and values are staged once.
 */
final class NarrowAttentionForward implements Parallel.TileBody {
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
    private AttentionLayout layout = QueryBlocks.EMPTY;

    NarrowAttentionForward(Parallel parallel, LaneScratch[] scratches) {
        this.parallel = parallel;
        this.scratches = scratches;
    }

    /** Computes the trees that suit; the others' rows stay as they are. */
    void attend(Tensor output, Tensor logs, Tensor queryKeyValue, AttentionLayout of) {
        layout = of;
        blocks.collect(layout, QUERIES, true);
        in = queryKeyValue.floats();
        inOffset = queryKeyValue.offset();
        inStride = queryKeyValue.rowStride();
        out = output.floats();
        outOffset = output.offset();
        outStride = output.rowStride();
        logSumExp = logs.floats();
        logOffset = logs.offset();
        logStride = logs.rowStride();
        headsTogether = NarrowAttention.headsTogether(layout, blocks.size());
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
        scratch.fitQueries(width, layout.headDim());
        for (int query = first; query < end; query += LaneScratch.BLOCK) {
            queries(scratch, segment, query, Math.min(LaneScratch.BLOCK, end - query), keyValueHead, width);
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
        scratch.fitKeys(count, width);
        for (LaneScratch.Half half : scratch.halves) {
            half.fitWeights(LaneProducts.roundUp(count));
        }
        int keyColumn = layout.queryWidth() + keyValueHead * layout.headDim();
        int row = 0;
        for (int piece = 0; piece < walk.size(); piece++) {
            int length = walk.length(piece);
            int padded = piece == walk.size() - 1 ? LaneProducts.roundUp(count) - row : length;
            int at = inOffset + walk.row(piece) * inStride + keyColumn;
            LaneScratch.stage(scratch.keys, row, width, in, at, inStride, length, padded);
            int valueAt = at + layout.keyValueWidth();
            LaneScratch.stage(scratch.values, row, width, in, valueAt, inStride, length, padded);
            row += length;
        }
    }

    private void queries(LaneScratch scratch, int segment, int query, int count, int keyValueHead, int width) {
        int row = layout.segmentStart()[segment] + query;
        int head = keyValueHead * group();
        int column = head * layout.headDim();
        int at = inOffset + row * inStride + column;
        LaneScratch.stage(scratch.queries, 0, width, in, at, inStride, count, LaneScratch.BLOCK);
        int position = layout.firstPosition(segment) + query - scratch.walk.position(0);
        for (int h = 0; h < headsTogether * group(); h++) {
            head(scratch, h, count, position, width);
            for (int l = 0; l < count; l++) {
                float log = scratch.halves[l / LANES].logs[l % LANES];
                logSumExp.put(logOffset + (row + l) * logStride + head + h, log);
            }
        }
        for (int l = 0; l < count; l++) {
            out.put(outOffset + (row + l) * outStride + column, scratch.outs, l * width, width);
        }
    }

    /** One head for a block of queries, the first of them at {@code position} among the staged keys. */
    private void head(LaneScratch scratch, int h, int count, int position, int width) {
        int dim = layout.headDim();
        int firstVisible = layout.window() == 0 ? 0 : Math.max(0, position + 1 - layout.window());
        int from = firstVisible / LaneProducts.GROUP * LaneProducts.GROUP;
        int to = LaneProducts.roundUp(position + count);
        int used = count > LANES ? 2 : 1;
        int shared = used == 1 ? from : LaneProducts.roundUp(position + LANES); // from here on keys of the last alone
        int at = h / group() * dim;
        int keyWidth = headsTogether * dim;
        LaneScratch.Half first = scratch.halves[0];
        LaneScratch.Half last = scratch.halves[used - 1];
        for (int i = 0; i < used; i++) {
            int start = i * LANES * width + h * dim;
            LaneScratch.toLanes(
                    scratch.halves[i].queryLanes, scratch.queries, start, width, dim, (float) layout.scale());
            Arrays.fill(scratch.halves[i].outLanes, 0, dim * LANES, 0);
        }
        LaneProducts.scores(
                first.weights,
                last.weights,
                scratch.keys,
                at,
                keyWidth,
                first.queryLanes,
                last.queryLanes,
                dim,
                from,
                shared,
                to);
        if (used == 2) {
            softmax(first, from, shared, position);
        }
        softmax(last, from, to, position + (used - 1) * LANES);
        LaneProducts.addSums(
                first.outLanes,
                last.outLanes,
                scratch.values,
                at,
                keyWidth,
                first.weights,
                last.weights,
                dim,
                from,
                shared,
                to);
        for (int i = 0; i < used; i++) {
            LaneScratch.Half half = scratch.halves[i];
            LaneLoops.normalize(half.outLanes, dim, half.sums);
            LaneScratch.toRows(scratch.outs, i * LANES * width + h * dim, width, half.outLanes, dim);
        }
    }

    /** Scores become probabilities times their sums, 0 where nothing is visible; sets the sums and the logs. */
    private void softmax(LaneScratch.Half half, int from, int to, int position) {
        float[] weights = half.weights;
        int window = LaneScratch.window(layout);
        int edge = layout.window() == 0 ? position + 1 : from;
        LaneLoops.hide(weights, edge, to, position, window);
        LaneLoops.maxima(weights, from, to, half.highest);
        LaneLoops.exponentiate(weights, from, to, half.highest, half.sums);
        VectorMath.addLog(half.logs, half.highest, half.sums, LANES);
        LaneLoops.mask(weights, edge, to, -position, window);
    }
}
