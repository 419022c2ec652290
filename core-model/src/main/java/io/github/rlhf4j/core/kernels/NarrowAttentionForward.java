package io.github.rlhf4j.core.kernels;

import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;

/**
 * Attention of narrow heads: a vector of query rows side by side, so that scores, softmax and sums need no reduction across lanes. A task is a block of query rows and
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
        for (int query = first; query < end; query += LANES) {
            queries(scratch, segment, query, Math.min(LANES, end - query), keyValueHead, width);
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
        scratch.weights = LaneScratch.fit(scratch.weights, LaneProducts.roundUp(count) * LANES);
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
        LaneScratch.stage(scratch.queries, 0, width, in, inOffset + row * inStride + column, inStride, count, LANES);
        int position = layout.firstPosition(segment) + query - scratch.walk.position(0);
        int firstVisible = layout.window() == 0 ? 0 : Math.max(0, position + 1 - layout.window());
        int from = firstVisible / LaneProducts.GROUP * LaneProducts.GROUP;
        int to = LaneProducts.roundUp(position + count);
        for (int h = 0; h < headsTogether * group(); h++) {
            head(scratch, h, from, to, position, width);
            for (int l = 0; l < count; l++) {
                logSumExp.put(logOffset + (row + l) * logStride + head + h, scratch.logs[l]);
            }
        }
        for (int l = 0; l < count; l++) {
            out.put(
                    outOffset + (row + l) * outStride + column,
                    scratch.outs,
                    l * LaneScratch.room(width, layout.headDim()),
                    width);
        }
    }

    /** One head for a vector of queries, the first of them at {@code position} among the staged keys. */
    private void head(LaneScratch scratch, int h, int from, int to, int position, int width) {
        int dim = layout.headDim();
        int keyWidth = headsTogether * dim;
        int column = h / group() * dim;
        float[] weights = scratch.weights;
        int[] starts = scratch.laneStarts(width);
        LaneLoops.toLanes(scratch.queryLanes, scratch.queries, h * dim, starts, dim, (float) layout.scale());
        for (int key = from; key < to; key += LaneProducts.GROUP) {
            int at = key * keyWidth + column;
            LaneProducts.byRows(
                    weights, key * LANES, LANES, scratch.keys, at, keyWidth, scratch.queryLanes, 0, LANES, dim, false);
        }
        softmax(scratch, from, to, position);
        int room = LaneScratch.room(width, dim);
        for (int l = 0; l < LANES; l += LaneProducts.GROUP) {
            for (int d = 0; d < dim; d += LANES) {
                LaneProducts.byColumns(
                        scratch.outs,
                        l * room + h * dim + d,
                        room,
                        weights,
                        from * LANES + l,
                        LANES,
                        scratch.values,
                        from * keyWidth + column + d,
                        keyWidth,
                        to - from,
                        false);
            }
        }
    }

    /** Scores become probabilities, 0 where nothing is visible; sets the logs. */
    private void softmax(LaneScratch scratch, int from, int to, int position) {
        float[] weights = scratch.weights;
        int window = LaneScratch.window(layout);
        int edge = layout.window() == 0 ? position + 1 : from;
        LaneLoops.hide(weights, edge, to, position, window);
        LaneLoops.maxima(weights, from, to, scratch.highest);
        LaneLoops.exponentiate(weights, from, to, scratch.highest, scratch.sums);
        VectorMath.addLog(scratch.logs, scratch.highest, scratch.sums, LANES);
        LaneLoops.mask(weights, edge, to, -position, window);
        LaneLoops.normalize(weights, from, to, scratch.sums);
    }
}
