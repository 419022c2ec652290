package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.kernels.AttentionLayout;
import io.github.rlhf4j.core.kernels.KeyWalk;
import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;

/**
 * The gradient of attention: probabilities are computed again from the saved log-sum-exp. A task is one tree and one key-value head, so no two write the same memory and gradients of
 * shared keys and values add up in the order of segments and rows.
 */
final class AttentionBackward implements Parallel.TileBody {
    private static final int QUERIES = AttentionForward.QUERIES;
    private static final int SCORE_STRIDE = KeyWalk.PIECE + 16;
    private static final int BLOCK = QUERIES * SCORE_STRIDE;
    private static final FloatBuffer NONE = FloatBuffer.allocate(0);
    private static final int DELTA = 2;

    private final Sgemm sgemm;
    private final Parallel parallel;
    private final Workspace[] workspaces;
    private FloatBuffer out = NONE;
    private FloatBuffer dOut = NONE;
    private FloatBuffer logSumExp = NONE;
    private FloatBuffer gradient = NONE;
    private int outOffset;
    private int outStride;
    private int offsetOfDOut;
    private int strideOfDOut;
    private int logOffset;
    private int logStride;
    private long addressOfDOut;
    private long inAddress;
    private int inStride;
    private long gradientAddress;
    private int gradientOffset;
    private int gradientStride;
    private AttentionLayout layout = AttentionLayout.EMPTY;

    AttentionBackward(Sgemm sgemm, Parallel parallel, Workspace[] workspaces) {
        this.sgemm = sgemm;
        this.parallel = parallel;
        this.workspaces = workspaces;
    }

    /** Writes the gradient of the trees that {@link SmallHeadAttention} does not suit; the others' rows stay as they are. */
    void attend(
            Tensor dQueryKeyValue,
            Tensor dOutput,
            Tensor output,
            Tensor logs,
            Tensor queryKeyValue,
            AttentionLayout of) {
        out = output.floats();
        outOffset = output.offset();
        outStride = output.rowStride();
        dOut = dOutput.floats();
        offsetOfDOut = dOutput.offset();
        strideOfDOut = dOutput.rowStride();
        addressOfDOut = dOutput.address();
        logSumExp = logs.floats();
        logOffset = logs.offset();
        logStride = logs.rowStride();
        inAddress = queryKeyValue.address();
        inStride = queryKeyValue.rowStride();
        gradient = dQueryKeyValue.floats();
        gradientOffset = dQueryKeyValue.offset();
        gradientAddress = dQueryKeyValue.address();
        gradientStride = dQueryKeyValue.rowStride();
        layout = of;
        sgemm.useOneThread();
        parallel.forEachTile(Math.multiplyExact(layout.trees(), layout.keyValueHeads()), this);
    }

    @Override
    public void run(int tile, int worker) {
        int tree = tile / layout.keyValueHeads();
        if (SmallHeadAttention.suits(layout, tree)) {
            return;
        }
        int group = layout.heads() / layout.keyValueHeads();
        int firstHead = tile % layout.keyValueHeads() * group;
        for (int segment = layout.treeStart()[tree]; segment < layout.treeStart()[tree + 1]; segment++) {
            clear(workspaces[worker], segment, firstHead, group);
        }
        for (int segment = layout.treeStart()[tree]; segment < layout.treeStart()[tree + 1]; segment++) {
            int length = layout.segmentLength()[segment];
            for (int first = layout.firstQuery()[segment]; first < length; first += QUERIES) {
                int rows = Math.min(QUERIES, length - first);
                workspaces[worker].keys.collect(layout, segment, first, first + rows - 1);
                for (int head = firstHead; head < firstHead + group; head++) {
                    block(workspaces[worker], head, segment, first, rows);
                }
            }
        }
    }

    /** Zeros in the gradient of {@code group} query heads of a segment and of their key-value head. */
    private void clear(Workspace workspace, int segment, int firstHead, int group) {
        int width = layout.headDim();
        float[] zeros = workspace.zeros(group * width);
        for (int row = 0; row < layout.segmentLength()[segment]; row++) {
            int at = gradientOffset + (layout.segmentStart()[segment] + row) * gradientStride;
            gradient.put(at + firstHead * width, zeros, 0, group * width);
            gradient.put(at + layout.keyColumn(firstHead), zeros, 0, width);
            gradient.put(at + layout.valueColumn(firstHead), zeros, 0, width);
        }
    }

    private void block(Workspace workspace, int head, int segment, int first, int rows) {
        FloatBuffer scores = workspace.nativeBlock(2 * BLOCK);
        int row0 = layout.segmentStart()[segment] + first;
        int position0 = layout.firstPosition(segment) + first;
        float[] delta = workspace.row(DELTA, QUERIES);
        for (int i = 0; i < rows; i++) {
            delta[i] = delta(workspace, row0 + i, head);
        }
        for (int piece = 0; piece < workspace.keys.size(); piece++) {
            products(workspace, head, row0, rows, piece);
            for (int i = 0; i < rows; i++) {
                float logs = logSumExp.get(logOffset + (row0 + i) * logStride + head);
                weights(workspace, scores, i, position0 + i, piece, logs, delta[i]);
            }
            accumulate(workspace, head, row0, rows, piece);
        }
    }

    /** Row sum of dOut * out: what the softmax takes off every gradient of a probability. */
    private float delta(Workspace workspace, int row, int head) {
        int width = layout.headDim();
        float[] d = workspace.load(0, dOut, offsetOfDOut + row * strideOfDOut + head * width, width, 0);
        float[] o = workspace.load(1, out, outOffset + row * outStride + head * width, width, 0);
        return (float) VectorMath.dot(d, o, width);
    }

    /** Scores and gradients of probabilities of one piece: q k^T * scale and dOut v^T. */
    private void products(Workspace workspace, int head, int row0, int rows, int piece) {
        int keys = workspace.keys.length(piece);
        long keyRow = (long) workspace.keys.row(piece) * inStride;
        int width = layout.headDim();
        long query = inAddress + 4L * ((long) row0 * inStride + (long) head * width);
        long key = inAddress + 4L * (keyRow + layout.keyColumn(head));
        long value = inAddress + 4L * (keyRow + layout.valueColumn(head));
        long p = workspace.nativeAddress();
        float scale = (float) layout.scale();
        sgemm.multiply(
                workspace, false, true, rows, keys, width, scale, query, inStride, key, inStride, 0, p, SCORE_STRIDE);
        long d = addressOfDOut + 4L * ((long) row0 * strideOfDOut + (long) head * width);
        long dp = p + 4L * BLOCK;
        sgemm.multiply(
                workspace, false, true, rows, keys, width, 1, d, strideOfDOut, value, inStride, 0, dp, SCORE_STRIDE);
    }

    /** A row of scores becomes probabilities, its row of gradients becomes gradients of the raw products; zeros where nothing is visible. */
    private void weights(
            Workspace workspace, FloatBuffer scores, int i, int position, int piece, float logs, float delta) {
        KeyWalk keys = workspace.keys;
        int width = keys.length(piece);
        int firstVisible = layout.window() == 0 ? 0 : position + 1 - layout.window();
        int from = Math.min(width, Math.max(0, firstVisible - keys.position(piece)));
        int to = Math.min(width, position + 1 - keys.position(piece));
        int visible = Math.max(0, to - from);
        int at = i * SCORE_STRIDE;
        float[] p = workspace.load(0, scores, at + from, visible, Float.NEGATIVE_INFINITY);
        float[] dp = workspace.load(1, scores, BLOCK + at + from, visible, 0);
        VectorMath.expOfDifference(p, visible, logs);
        VectorMath.scoreGradient(p, dp, visible, delta, (float) layout.scale());
        store(workspace, scores, at, from, visible, width, p);
        store(workspace, scores, BLOCK + at, from, visible, width, dp);
    }

    private static void store(
            Workspace workspace, FloatBuffer scores, int at, int from, int visible, int width, float[] row) {
        if (visible < width) {
            scores.put(at, workspace.zeros(width), 0, width);
        }
        scores.put(at + from, row, 0, visible);
    }

    /** dV += p^T dOut, dQ += ds k, dK += ds^T q. */
    private void accumulate(Workspace workspace, int head, int row0, int rows, int piece) {
        int keys = workspace.keys.length(piece);
        long keyRow = workspace.keys.row(piece);
        int width = layout.headDim();
        int queryColumn = head * width;
        int keyColumn = layout.keyColumn(head);
        int valueColumn = layout.valueColumn(head);
        long p = workspace.nativeAddress();
        long ds = p + 4L * BLOCK;
        long d = addressOfDOut + 4L * ((long) row0 * strideOfDOut + queryColumn);
        long dValue = gradientAddress + 4L * (keyRow * gradientStride + valueColumn);
        sgemm.multiply(
                workspace,
                true,
                false,
                keys,
                width,
                rows,
                1,
                p,
                SCORE_STRIDE,
                d,
                strideOfDOut,
                1,
                dValue,
                gradientStride);
        long key = inAddress + 4L * (keyRow * inStride + keyColumn);
        long dQuery = gradientAddress + 4L * ((long) row0 * gradientStride + queryColumn);
        sgemm.multiply(
                workspace,
                false,
                false,
                rows,
                width,
                keys,
                1,
                ds,
                SCORE_STRIDE,
                key,
                inStride,
                1,
                dQuery,
                gradientStride);
        long query = inAddress + 4L * ((long) row0 * inStride + queryColumn);
        long dKey = gradientAddress + 4L * (keyRow * gradientStride + keyColumn);
        sgemm.multiply(
                workspace,
                true,
                false,
                keys,
                width,
                rows,
                1,
                ds,
                SCORE_STRIDE,
                query,
                inStride,
                1,
                dKey,
                gradientStride);
    }
}
