package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.kernels.AttentionLayout;
import io.github.rlhf4j.core.kernels.KeyWalk;
import io.github.rlhf4j.core.kernels.QueryBlocks;
import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Attention in tiles of 64 query rows of one head: scores of up to {@link #KEYS} keys at a time, softmax as they come (Dao et al. 2022, arXiv:2205.14135), the weighted sum of
 * values straight into the output.
 */
final class AttentionForward implements Parallel.TileBody {
    static final int QUERIES = 64;
    private static final int KEYS = 512;
    /** Not a power of two, so that rows of scores do not fall on the same cache sets. */
    private static final int SCORE_STRIDE = KEYS + 16;

    private static final FloatBuffer NONE = FloatBuffer.allocate(0);
    private static final int RUNNING_MAX = 2;
    private static final int RUNNING_SUM = 3;

    private final Sgemm sgemm;
    private final Parallel parallel;
    private final Workspace[] workspaces;
    private final QueryBlocks blocks = new QueryBlocks();
    private FloatBuffer out = NONE;
    private FloatBuffer logSumExp = NONE;
    private long outAddress;
    private long inAddress;
    private int outOffset;
    private int outStride;
    private int logOffset;
    private int logStride;
    private int inStride;
    private AttentionLayout layout = AttentionLayout.EMPTY;

    AttentionForward(Sgemm sgemm, Parallel parallel, Workspace[] workspaces) {
        this.sgemm = sgemm;
        this.parallel = parallel;
        this.workspaces = workspaces;
    }

    void attend(Tensor output, Tensor logs, Tensor queryKeyValue, AttentionLayout of) {
        out = output.floats();
        outAddress = output.address();
        outOffset = output.offset();
        outStride = output.rowStride();
        logSumExp = logs.floats();
        logOffset = logs.offset();
        logStride = logs.rowStride();
        inAddress = queryKeyValue.address();
        inStride = queryKeyValue.rowStride();
        layout = of;
        SmallHeadAttention.collect(blocks, layout, QUERIES, false);
        sgemm.useOneThread();
        parallel.forEachTile(Math.multiplyExact(blocks.size(), layout.heads()), this);
    }

    @Override
    public void run(int tile, int worker) {
        int block = tile / layout.heads();
        int segment = blocks.segment(block);
        int first = blocks.first(block);
        int last = Math.min(layout.segmentLength()[segment], first + QUERIES) - 1;
        Workspace workspace = workspaces[worker];
        KeyWalk keys = workspace.keys;
        keys.collect(layout, segment, first, last);
        int end = keys.runEnd(0, KEYS);
        if (end == keys.size()) {
            attendAtOnce(workspace, tile % layout.heads(), segment, first, last + 1 - first);
        } else {
            attendInRuns(workspace, tile % layout.heads(), segment, first, last + 1 - first);
        }
    }

    private void attendAtOnce(Workspace workspace, int head, int segment, int first, int rows) {
        FloatBuffer scores = workspace.nativeBlock(QUERIES * SCORE_STRIDE);
        KeyWalk keys = workspace.keys;
        int row0 = layout.segmentStart()[segment] + first;
        int position0 = layout.firstPosition(segment) + first;
        int width = score(workspace, head, row0, rows, 0, keys.size());
        for (int i = 0; i < rows; i++) {
            int from = firstVisible(position0 + i) - keys.position(0);
            int visible = position0 + i + 1 - keys.position(0) - Math.max(0, from);
            int at = i * SCORE_STRIDE + Math.max(0, from);
            float[] row = workspace.load(0, scores, at, visible, Float.NEGATIVE_INFINITY);
            float max = VectorMath.max(row, visible);
            double sum = VectorMath.expAndSum(row, row, visible, max, 1);
            VectorMath.scale(row, visible, (float) (1 / sum));
            store(workspace, scores, i, Math.max(0, from), visible, width, row);
            logSumExp.put(logOffset + (row0 + i) * logStride + head, (float) (max + Math.log(sum)));
        }
        addValues(workspace, head, row0, rows, 0, keys.size(), false);
    }

    private void attendInRuns(Workspace workspace, int head, int segment, int first, int rows) {
        FloatBuffer scores = workspace.nativeBlock(QUERIES * SCORE_STRIDE);
        KeyWalk keys = workspace.keys;
        int row0 = layout.segmentStart()[segment] + first;
        int position0 = layout.firstPosition(segment) + first;
        float[] runningMax = workspace.row(RUNNING_MAX, QUERIES);
        float[] runningSum = workspace.row(RUNNING_SUM, QUERIES);
        Arrays.fill(runningMax, 0, rows, Float.NEGATIVE_INFINITY);
        Arrays.fill(runningSum, 0, rows, 0);
        for (int piece = 0; piece < keys.size(); ) {
            int end = keys.runEnd(piece, KEYS);
            int width = score(workspace, head, row0, rows, piece, end);
            for (int i = 0; i < rows; i++) {
                int from = Math.max(0, firstVisible(position0 + i) - keys.position(piece));
                int visible = Math.min(width, position0 + i + 1 - keys.position(piece)) - from;
                float[] row = workspace.row(0, KEYS);
                if (visible > 0) {
                    workspace.load(0, scores, i * SCORE_STRIDE + from, visible, Float.NEGATIVE_INFINITY);
                    float max = Math.max(runningMax[i], VectorMath.max(row, visible));
                    float fade = (float) Math.exp((double) runningMax[i] - max);
                    runningSum[i] = (float) (runningSum[i] * fade + VectorMath.expAndSum(row, row, visible, max, 1));
                    runningMax[i] = max;
                    if (piece > 0 && fade != 1) {
                        scaleOut(workspace, row0 + i, head, fade);
                    }
                }
                store(workspace, scores, i, Math.min(from, width), Math.max(0, visible), width, row);
            }
            addValues(workspace, head, row0, rows, piece, end, piece > 0);
            piece = end;
        }
        for (int i = 0; i < rows; i++) {
            scaleOut(workspace, row0 + i, head, 1 / runningSum[i]);
            float logs = (float) (runningMax[i] + Math.log(runningSum[i]));
            logSumExp.put(logOffset + (row0 + i) * logStride + head, logs);
        }
    }

    private int firstVisible(int position) {
        return layout.window() == 0 ? 0 : position + 1 - layout.window();
    }

    /** Scores of the pieces side by side; returns how many keys that is. */
    private int score(Workspace workspace, int head, int row0, int rows, int piece, int end) {
        int column = 0;
        for (int p = piece; p < end; p++) {
            sgemm.multiply(
                    workspace,
                    false,
                    true,
                    rows,
                    workspace.keys.length(p),
                    layout.headDim(),
                    (float) layout.scale(),
                    inAddress + 4L * ((long) row0 * inStride + (long) head * layout.headDim()),
                    inStride,
                    inAddress + 4L * ((long) workspace.keys.row(p) * inStride + layout.keyColumn(head)),
                    inStride,
                    0,
                    workspace.nativeAddress() + 4L * column,
                    SCORE_STRIDE);
            column += workspace.keys.length(p);
        }
        return column;
    }

    private void addValues(Workspace workspace, int head, int row0, int rows, int piece, int end, boolean add) {
        int column = 0;
        for (int p = piece; p < end; p++) {
            sgemm.multiply(
                    workspace,
                    false,
                    false,
                    rows,
                    layout.headDim(),
                    workspace.keys.length(p),
                    1,
                    workspace.nativeAddress() + 4L * column,
                    SCORE_STRIDE,
                    inAddress + 4L * ((long) workspace.keys.row(p) * inStride + layout.valueColumn(head)),
                    inStride,
                    add || p > piece ? 1 : 0,
                    outAddress + 4L * ((long) row0 * outStride + (long) head * layout.headDim()),
                    outStride);
            column += workspace.keys.length(p);
        }
    }

    private void scaleOut(Workspace workspace, int row, int head, float factor) {
        int at = outOffset + row * outStride + head * layout.headDim();
        float[] values = workspace.load(1, out, at, layout.headDim(), 0);
        VectorMath.scale(values, layout.headDim(), factor);
        out.put(at, values, 0, layout.headDim());
    }

    /** Puts a row of weights back, zeros around the visible ones. */
    private static void store(
            Workspace workspace, FloatBuffer scores, int i, int from, int visible, int width, float[] row) {
        float[] zeros = workspace.zeros(KEYS);
        int at = i * SCORE_STRIDE;
        if (from > 0) {
            scores.put(at, zeros, 0, from);
        }
        scores.put(at + from, row, 0, visible);
        if (from + visible < width) {
            scores.put(at + from + visible, zeros, 0, width - from - visible);
        }
    }
}
