package io.github.rlhf4j.core.kernels;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rows times a run of inputs of a panel of weights, added to sums: in the order of the inputs, whatever the number of rows computed together. Rows that are computed together lie
 * interleaved, the first input of each, then the second.
 *
 * <p>While several rows are computed, an element of each line from {@code next} on is read, so that these weights are on their way from memory meanwhile. What was read is returned, lest the compiler leave it out.
 */
final class PanelLoops {
    private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
    private static final int LANES = VectorMath.LANES;
    private static final int PANEL = Kernels.PANEL;

    /** Elements of a line of the cache. */
    static final int LINE = 16;

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

    static float fourRows(float[] x, int at, float[] w, int from, int count, int next, float[] sums, int to) {
        float touched = 0;
        FloatVector left0 = FloatVector.fromArray(SPECIES, sums, to);
        FloatVector right0 = FloatVector.fromArray(SPECIES, sums, to + LANES);
        FloatVector left1 = FloatVector.fromArray(SPECIES, sums, to + PANEL);
        FloatVector right1 = FloatVector.fromArray(SPECIES, sums, to + PANEL + LANES);
        FloatVector left2 = FloatVector.fromArray(SPECIES, sums, to + 2 * PANEL);
        FloatVector right2 = FloatVector.fromArray(SPECIES, sums, to + 2 * PANEL + LANES);
        FloatVector left3 = FloatVector.fromArray(SPECIES, sums, to + 3 * PANEL);
        FloatVector right3 = FloatVector.fromArray(SPECIES, sums, to + 3 * PANEL + LANES);
        for (int k = 0; k < count; k++) {
            touched += w[next + k * LINE];
            FloatVector left = FloatVector.fromArray(SPECIES, w, from + k * PANEL);
            FloatVector right = FloatVector.fromArray(SPECIES, w, from + k * PANEL + LANES);
            FloatVector v0 = FloatVector.broadcast(SPECIES, x[at + 4 * k]);
            left0 = left.fma(v0, left0);
            right0 = right.fma(v0, right0);
            FloatVector v1 = FloatVector.broadcast(SPECIES, x[at + 4 * k + 1]);
            left1 = left.fma(v1, left1);
            right1 = right.fma(v1, right1);
            FloatVector v2 = FloatVector.broadcast(SPECIES, x[at + 4 * k + 2]);
            left2 = left.fma(v2, left2);
            right2 = right.fma(v2, right2);
            FloatVector v3 = FloatVector.broadcast(SPECIES, x[at + 4 * k + 3]);
            left3 = left.fma(v3, left3);
            right3 = right.fma(v3, right3);
        }
        left0.intoArray(sums, to);
        right0.intoArray(sums, to + LANES);
        left1.intoArray(sums, to + PANEL);
        right1.intoArray(sums, to + PANEL + LANES);
        left2.intoArray(sums, to + 2 * PANEL);
        right2.intoArray(sums, to + 2 * PANEL + LANES);
        left3.intoArray(sums, to + 3 * PANEL);
        right3.intoArray(sums, to + 3 * PANEL + LANES);
        return touched;
    }

    /** Eight rows of a panel that is two vectors wide: sixteen sums hide the latency of the multiply-adds. */
    static float eightRows(float[] x, int at, float[] w, int from, int count, int next, float[] sums, int to) {
        float touched = 0;
        FloatVector left0 = FloatVector.fromArray(SPECIES, sums, to);
        FloatVector right0 = FloatVector.fromArray(SPECIES, sums, to + LANES);
        FloatVector left1 = FloatVector.fromArray(SPECIES, sums, to + PANEL);
        FloatVector right1 = FloatVector.fromArray(SPECIES, sums, to + PANEL + LANES);
        FloatVector left2 = FloatVector.fromArray(SPECIES, sums, to + 2 * PANEL);
        FloatVector right2 = FloatVector.fromArray(SPECIES, sums, to + 2 * PANEL + LANES);
        FloatVector left3 = FloatVector.fromArray(SPECIES, sums, to + 3 * PANEL);
        FloatVector right3 = FloatVector.fromArray(SPECIES, sums, to + 3 * PANEL + LANES);
        FloatVector left4 = FloatVector.fromArray(SPECIES, sums, to + 4 * PANEL);
        FloatVector right4 = FloatVector.fromArray(SPECIES, sums, to + 4 * PANEL + LANES);
        FloatVector left5 = FloatVector.fromArray(SPECIES, sums, to + 5 * PANEL);
        FloatVector right5 = FloatVector.fromArray(SPECIES, sums, to + 5 * PANEL + LANES);
        FloatVector left6 = FloatVector.fromArray(SPECIES, sums, to + 6 * PANEL);
        FloatVector right6 = FloatVector.fromArray(SPECIES, sums, to + 6 * PANEL + LANES);
        FloatVector left7 = FloatVector.fromArray(SPECIES, sums, to + 7 * PANEL);
        FloatVector right7 = FloatVector.fromArray(SPECIES, sums, to + 7 * PANEL + LANES);
        for (int k = 0; k < count; k++) {
            touched += w[next + k * LINE];
            FloatVector left = FloatVector.fromArray(SPECIES, w, from + k * PANEL);
            FloatVector right = FloatVector.fromArray(SPECIES, w, from + k * PANEL + LANES);
            FloatVector v0 = FloatVector.broadcast(SPECIES, x[at + 8 * k]);
            left0 = left.fma(v0, left0);
            right0 = right.fma(v0, right0);
            FloatVector v1 = FloatVector.broadcast(SPECIES, x[at + 8 * k + 1]);
            left1 = left.fma(v1, left1);
            right1 = right.fma(v1, right1);
            FloatVector v2 = FloatVector.broadcast(SPECIES, x[at + 8 * k + 2]);
            left2 = left.fma(v2, left2);
            right2 = right.fma(v2, right2);
            FloatVector v3 = FloatVector.broadcast(SPECIES, x[at + 8 * k + 3]);
            left3 = left.fma(v3, left3);
            right3 = right.fma(v3, right3);
            FloatVector v4 = FloatVector.broadcast(SPECIES, x[at + 8 * k + 4]);
            left4 = left.fma(v4, left4);
            right4 = right.fma(v4, right4);
            FloatVector v5 = FloatVector.broadcast(SPECIES, x[at + 8 * k + 5]);
            left5 = left.fma(v5, left5);
            right5 = right.fma(v5, right5);
            FloatVector v6 = FloatVector.broadcast(SPECIES, x[at + 8 * k + 6]);
            left6 = left.fma(v6, left6);
            right6 = right.fma(v6, right6);
            FloatVector v7 = FloatVector.broadcast(SPECIES, x[at + 8 * k + 7]);
            left7 = left.fma(v7, left7);
            right7 = right.fma(v7, right7);
        }
        left0.intoArray(sums, to);
        right0.intoArray(sums, to + LANES);
        left1.intoArray(sums, to + PANEL);
        right1.intoArray(sums, to + PANEL + LANES);
        left2.intoArray(sums, to + 2 * PANEL);
        right2.intoArray(sums, to + 2 * PANEL + LANES);
        left3.intoArray(sums, to + 3 * PANEL);
        right3.intoArray(sums, to + 3 * PANEL + LANES);
        left4.intoArray(sums, to + 4 * PANEL);
        right4.intoArray(sums, to + 4 * PANEL + LANES);
        left5.intoArray(sums, to + 5 * PANEL);
        right5.intoArray(sums, to + 5 * PANEL + LANES);
        left6.intoArray(sums, to + 6 * PANEL);
        right6.intoArray(sums, to + 6 * PANEL + LANES);
        left7.intoArray(sums, to + 7 * PANEL);
        right7.intoArray(sums, to + 7 * PANEL + LANES);
        return touched;
    }

    /** Adds a panel's width of numbers. */
    static void add(float[] sums, int at, float[] more) {
        for (int lane = 0; lane < PANEL; lane += LANES) {
            FloatVector.fromArray(SPECIES, sums, at + lane)
                    .add(FloatVector.fromArray(SPECIES, more, lane))
                    .intoArray(sums, at + lane);
        }
    }
}
