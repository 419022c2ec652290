package io.github.rlhf4j.core.kernels;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rows times a run of inputs of a panel of weights, added to sums: in the order of the inputs, whatever the number of rows computed together. Of rows that are computed together a
 * row's run begins {@link #RUN} behind the last one's.
 *
 * <p>Some meanwhile read an element of each line of the weights from {@code next} on, so that these are on their way from memory. What was read is returned, lest the compiler leave it out.
 */
final class PanelLoops {
    private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
    private static final int LANES = VectorMath.LANES;
    private static final int PANEL = Kernels.PANEL;

    /** Elements of a line of the cache. */
    static final int LINE = 16;

    /** Inputs computed at a time: 16 KiB of weights. */
    static final int RUN = 128;

    private PanelLoops() {}

    static void oneRow(float[] x, int at, float[] w, int from, int count, float[] sums, int to) {
        FloatVector left = FloatVector.fromArray(SPECIES, sums, to);
        FloatVector right = FloatVector.fromArray(SPECIES, sums, to + LANES);
        for (int k = 0; k < count; k++) {
            FloatVector v = FloatVector.broadcast(SPECIES, x[at + k]);
            left = FloatVector.fromArray(SPECIES, w, from + k * PANEL).fma(v, left);
            right = FloatVector.fromArray(SPECIES, w, from + k * PANEL + LANES).fma(v, right);
        }
        left.intoArray(sums, to);
        right.intoArray(sums, to + LANES);
    }

    static float fourRows(
            float[] x, int at, float[] w, int from, int count, int next, float[] sums, int to, int stride) {
        float touched = 0;
        FloatVector left0 = FloatVector.fromArray(SPECIES, sums, to);
        FloatVector right0 = FloatVector.fromArray(SPECIES, sums, to + LANES);
        FloatVector left1 = FloatVector.fromArray(SPECIES, sums, to + stride);
        FloatVector right1 = FloatVector.fromArray(SPECIES, sums, to + stride + LANES);
        FloatVector left2 = FloatVector.fromArray(SPECIES, sums, to + 2 * stride);
        FloatVector right2 = FloatVector.fromArray(SPECIES, sums, to + 2 * stride + LANES);
        FloatVector left3 = FloatVector.fromArray(SPECIES, sums, to + 3 * stride);
        FloatVector right3 = FloatVector.fromArray(SPECIES, sums, to + 3 * stride + LANES);
        for (int k = 0; k < count; k++) {
            touched += w[next + k * LINE];
            FloatVector left = FloatVector.fromArray(SPECIES, w, from + k * PANEL);
            FloatVector right = FloatVector.fromArray(SPECIES, w, from + k * PANEL + LANES);
            FloatVector v0 = FloatVector.broadcast(SPECIES, x[at + k]);
            left0 = left.fma(v0, left0);
            right0 = right.fma(v0, right0);
            FloatVector v1 = FloatVector.broadcast(SPECIES, x[at + RUN + k]);
            left1 = left.fma(v1, left1);
            right1 = right.fma(v1, right1);
            FloatVector v2 = FloatVector.broadcast(SPECIES, x[at + 2 * RUN + k]);
            left2 = left.fma(v2, left2);
            right2 = right.fma(v2, right2);
            FloatVector v3 = FloatVector.broadcast(SPECIES, x[at + 3 * RUN + k]);
            left3 = left.fma(v3, left3);
            right3 = right.fma(v3, right3);
        }
        left0.intoArray(sums, to);
        right0.intoArray(sums, to + LANES);
        left1.intoArray(sums, to + stride);
        right1.intoArray(sums, to + stride + LANES);
        left2.intoArray(sums, to + 2 * stride);
        right2.intoArray(sums, to + 2 * stride + LANES);
        left3.intoArray(sums, to + 3 * stride);
        right3.intoArray(sums, to + 3 * stride + LANES);
        return touched;
    }

    /** Eight rows of a panel that is two vectors wide: sixteen sums hide the latency of the multiply-adds. */
    static void eightRows(float[] x, int at, float[] w, int from, int count, float[] sums, int to, int stride) {
        FloatVector left0 = FloatVector.fromArray(SPECIES, sums, to);
        FloatVector right0 = FloatVector.fromArray(SPECIES, sums, to + LANES);
        FloatVector left1 = FloatVector.fromArray(SPECIES, sums, to + stride);
        FloatVector right1 = FloatVector.fromArray(SPECIES, sums, to + stride + LANES);
        FloatVector left2 = FloatVector.fromArray(SPECIES, sums, to + 2 * stride);
        FloatVector right2 = FloatVector.fromArray(SPECIES, sums, to + 2 * stride + LANES);
        FloatVector left3 = FloatVector.fromArray(SPECIES, sums, to + 3 * stride);
        FloatVector right3 = FloatVector.fromArray(SPECIES, sums, to + 3 * stride + LANES);
        FloatVector left4 = FloatVector.fromArray(SPECIES, sums, to + 4 * stride);
        FloatVector right4 = FloatVector.fromArray(SPECIES, sums, to + 4 * stride + LANES);
        FloatVector left5 = FloatVector.fromArray(SPECIES, sums, to + 5 * stride);
        FloatVector right5 = FloatVector.fromArray(SPECIES, sums, to + 5 * stride + LANES);
        FloatVector left6 = FloatVector.fromArray(SPECIES, sums, to + 6 * stride);
        FloatVector right6 = FloatVector.fromArray(SPECIES, sums, to + 6 * stride + LANES);
        FloatVector left7 = FloatVector.fromArray(SPECIES, sums, to + 7 * stride);
        FloatVector right7 = FloatVector.fromArray(SPECIES, sums, to + 7 * stride + LANES);
        for (int k = 0; k < count; k++) {
            FloatVector left = FloatVector.fromArray(SPECIES, w, from + k * PANEL);
            FloatVector right = FloatVector.fromArray(SPECIES, w, from + k * PANEL + LANES);
            FloatVector v0 = FloatVector.broadcast(SPECIES, x[at + k]);
            left0 = left.fma(v0, left0);
            right0 = right.fma(v0, right0);
            FloatVector v1 = FloatVector.broadcast(SPECIES, x[at + RUN + k]);
            left1 = left.fma(v1, left1);
            right1 = right.fma(v1, right1);
            FloatVector v2 = FloatVector.broadcast(SPECIES, x[at + 2 * RUN + k]);
            left2 = left.fma(v2, left2);
            right2 = right.fma(v2, right2);
            FloatVector v3 = FloatVector.broadcast(SPECIES, x[at + 3 * RUN + k]);
            left3 = left.fma(v3, left3);
            right3 = right.fma(v3, right3);
            FloatVector v4 = FloatVector.broadcast(SPECIES, x[at + 4 * RUN + k]);
            left4 = left.fma(v4, left4);
            right4 = right.fma(v4, right4);
            FloatVector v5 = FloatVector.broadcast(SPECIES, x[at + 5 * RUN + k]);
            left5 = left.fma(v5, left5);
            right5 = right.fma(v5, right5);
            FloatVector v6 = FloatVector.broadcast(SPECIES, x[at + 6 * RUN + k]);
            left6 = left.fma(v6, left6);
            right6 = right.fma(v6, right6);
            FloatVector v7 = FloatVector.broadcast(SPECIES, x[at + 7 * RUN + k]);
            left7 = left.fma(v7, left7);
            right7 = right.fma(v7, right7);
        }
        left0.intoArray(sums, to);
        right0.intoArray(sums, to + LANES);
        left1.intoArray(sums, to + stride);
        right1.intoArray(sums, to + stride + LANES);
        left2.intoArray(sums, to + 2 * stride);
        right2.intoArray(sums, to + 2 * stride + LANES);
        left3.intoArray(sums, to + 3 * stride);
        right3.intoArray(sums, to + 3 * stride + LANES);
        left4.intoArray(sums, to + 4 * stride);
        right4.intoArray(sums, to + 4 * stride + LANES);
        left5.intoArray(sums, to + 5 * stride);
        right5.intoArray(sums, to + 5 * stride + LANES);
        left6.intoArray(sums, to + 6 * stride);
        right6.intoArray(sums, to + 6 * stride + LANES);
        left7.intoArray(sums, to + 7 * stride);
        right7.intoArray(sums, to + 7 * stride + LANES);
    }

    /** As {@link #eightRows}, reading ahead. */
    static float eightRowsAhead(
            float[] x, int at, float[] w, int from, int count, int next, float[] sums, int to, int stride) {
        float touched = 0;
        FloatVector left0 = FloatVector.fromArray(SPECIES, sums, to);
        FloatVector right0 = FloatVector.fromArray(SPECIES, sums, to + LANES);
        FloatVector left1 = FloatVector.fromArray(SPECIES, sums, to + stride);
        FloatVector right1 = FloatVector.fromArray(SPECIES, sums, to + stride + LANES);
        FloatVector left2 = FloatVector.fromArray(SPECIES, sums, to + 2 * stride);
        FloatVector right2 = FloatVector.fromArray(SPECIES, sums, to + 2 * stride + LANES);
        FloatVector left3 = FloatVector.fromArray(SPECIES, sums, to + 3 * stride);
        FloatVector right3 = FloatVector.fromArray(SPECIES, sums, to + 3 * stride + LANES);
        FloatVector left4 = FloatVector.fromArray(SPECIES, sums, to + 4 * stride);
        FloatVector right4 = FloatVector.fromArray(SPECIES, sums, to + 4 * stride + LANES);
        FloatVector left5 = FloatVector.fromArray(SPECIES, sums, to + 5 * stride);
        FloatVector right5 = FloatVector.fromArray(SPECIES, sums, to + 5 * stride + LANES);
        FloatVector left6 = FloatVector.fromArray(SPECIES, sums, to + 6 * stride);
        FloatVector right6 = FloatVector.fromArray(SPECIES, sums, to + 6 * stride + LANES);
        FloatVector left7 = FloatVector.fromArray(SPECIES, sums, to + 7 * stride);
        FloatVector right7 = FloatVector.fromArray(SPECIES, sums, to + 7 * stride + LANES);
        for (int k = 0; k < count; k++) {
            touched += w[next + k * LINE];
            FloatVector left = FloatVector.fromArray(SPECIES, w, from + k * PANEL);
            FloatVector right = FloatVector.fromArray(SPECIES, w, from + k * PANEL + LANES);
            FloatVector v0 = FloatVector.broadcast(SPECIES, x[at + k]);
            left0 = left.fma(v0, left0);
            right0 = right.fma(v0, right0);
            FloatVector v1 = FloatVector.broadcast(SPECIES, x[at + RUN + k]);
            left1 = left.fma(v1, left1);
            right1 = right.fma(v1, right1);
            FloatVector v2 = FloatVector.broadcast(SPECIES, x[at + 2 * RUN + k]);
            left2 = left.fma(v2, left2);
            right2 = right.fma(v2, right2);
            FloatVector v3 = FloatVector.broadcast(SPECIES, x[at + 3 * RUN + k]);
            left3 = left.fma(v3, left3);
            right3 = right.fma(v3, right3);
            FloatVector v4 = FloatVector.broadcast(SPECIES, x[at + 4 * RUN + k]);
            left4 = left.fma(v4, left4);
            right4 = right.fma(v4, right4);
            FloatVector v5 = FloatVector.broadcast(SPECIES, x[at + 5 * RUN + k]);
            left5 = left.fma(v5, left5);
            right5 = right.fma(v5, right5);
            FloatVector v6 = FloatVector.broadcast(SPECIES, x[at + 6 * RUN + k]);
            left6 = left.fma(v6, left6);
            right6 = right.fma(v6, right6);
            FloatVector v7 = FloatVector.broadcast(SPECIES, x[at + 7 * RUN + k]);
            left7 = left.fma(v7, left7);
            right7 = right.fma(v7, right7);
        }
        left0.intoArray(sums, to);
        right0.intoArray(sums, to + LANES);
        left1.intoArray(sums, to + stride);
        right1.intoArray(sums, to + stride + LANES);
        left2.intoArray(sums, to + 2 * stride);
        right2.intoArray(sums, to + 2 * stride + LANES);
        left3.intoArray(sums, to + 3 * stride);
        right3.intoArray(sums, to + 3 * stride + LANES);
        left4.intoArray(sums, to + 4 * stride);
        right4.intoArray(sums, to + 4 * stride + LANES);
        left5.intoArray(sums, to + 5 * stride);
        right5.intoArray(sums, to + 5 * stride + LANES);
        left6.intoArray(sums, to + 6 * stride);
        right6.intoArray(sums, to + 6 * stride + LANES);
        left7.intoArray(sums, to + 7 * stride);
        right7.intoArray(sums, to + 7 * stride + LANES);
        return touched;
    }

    /** {@code sums[at + j] += row[j]} for whole panels' {@code width}. */
    static void add(float[] sums, int at, float[] row, int width) {
        for (int j = 0; j < width; j += LANES) {
            FloatVector.fromArray(SPECIES, sums, at + j)
                    .add(FloatVector.fromArray(SPECIES, row, j))
                    .intoArray(sums, at + j);
        }
    }
}
