package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.kernels.Kernels;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rows times a run of inputs of a panel of weights, added to what is {@code before} (the sums of the runs before, or zeros, {@code distance} from row to row), in the order of the inputs, whatever the number of
 * rows computed together. Of rows that are computed together a row begins {@link #STRIDE} after the last one, and its sums {@link #SUMS}.
 */
final class PanelLoops {
    private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
    private static final int LANES = VectorMath.LANES;
    private static final int PANEL = Kernels.PANEL;

    /** The most inputs of a run. */
    static final int RUN = 768;

    /** From row to row of inputs, a constant so that eight of them lie at fixed offsets from one address; not a power of two, so that rows do not meet in the same places of the first-level cache. */
    static final int STRIDE = RUN + 16;

    /** The most panels of a tile. */
    static final int PANELS = 8;

    /** From row to row of sums, of the panels of a tile side by side; not a power of two either. */
    static final int SUMS = PANELS * PANEL + 16;

    /** Floats of a cache line. */
    private static final int LINE = 16;

    /** Of lines touched ahead. */
    private static final int STREAMS = 4;

    /** Sums before the first run. */
    static final float[] ZEROS = new float[PANEL];

    private PanelLoops() {}

    static void oneRow(
            float[] x, int at, float[] w, int from, int count, float[] before, int start, float[] sums, int to) {
        FloatVector left = FloatVector.fromArray(SPECIES, before, start);
        FloatVector right = FloatVector.fromArray(SPECIES, before, start + LANES);
        for (int k = 0; k < count; k++) {
            FloatVector v = FloatVector.broadcast(SPECIES, x[at + k]);
            left = FloatVector.fromArray(SPECIES, w, from + k * PANEL).fma(v, left);
            right = FloatVector.fromArray(SPECIES, w, from + k * PANEL + LANES).fma(v, right);
        }
        left.intoArray(sums, to);
        right.intoArray(sums, to + LANES);
    }

    /**
     * As {@link #oneRow} for up to four panels {@code stride} apart, whose sums lie side by side, those before {@code distance} from panel to panel: memory delivers four streams faster than one. Where there are fewer the last is computed again.
     */
    static void oneRowOfFour(
            float[] x,
            int at,
            float[] w,
            int from,
            int panels,
            int stride,
            int count,
            float[] before,
            int start,
            int distance,
            float[] sums,
            int to) {
        int from1 = from + Math.min(1, panels - 1) * stride;
        int from2 = from + Math.min(2, panels - 1) * stride;
        int from3 = from + Math.min(3, panels - 1) * stride;
        FloatVector left0 = FloatVector.fromArray(SPECIES, before, start);
        FloatVector right0 = FloatVector.fromArray(SPECIES, before, start + LANES);
        FloatVector left1 = FloatVector.fromArray(SPECIES, before, start + distance);
        FloatVector right1 = FloatVector.fromArray(SPECIES, before, start + distance + LANES);
        FloatVector left2 = FloatVector.fromArray(SPECIES, before, start + 2 * distance);
        FloatVector right2 = FloatVector.fromArray(SPECIES, before, start + 2 * distance + LANES);
        FloatVector left3 = FloatVector.fromArray(SPECIES, before, start + 3 * distance);
        FloatVector right3 = FloatVector.fromArray(SPECIES, before, start + 3 * distance + LANES);
        for (int k = 0; k < count; k++) {
            FloatVector v = FloatVector.broadcast(SPECIES, x[at + k]);
            int line = k * PANEL;
            left0 = FloatVector.fromArray(SPECIES, w, from + line).fma(v, left0);
            right0 = FloatVector.fromArray(SPECIES, w, from + line + LANES).fma(v, right0);
            left1 = FloatVector.fromArray(SPECIES, w, from1 + line).fma(v, left1);
            right1 = FloatVector.fromArray(SPECIES, w, from1 + line + LANES).fma(v, right1);
            left2 = FloatVector.fromArray(SPECIES, w, from2 + line).fma(v, left2);
            right2 = FloatVector.fromArray(SPECIES, w, from2 + line + LANES).fma(v, right2);
            left3 = FloatVector.fromArray(SPECIES, w, from3 + line).fma(v, left3);
            right3 = FloatVector.fromArray(SPECIES, w, from3 + line + LANES).fma(v, right3);
        }
        left0.intoArray(sums, to);
        right0.intoArray(sums, to + LANES);
        left1.intoArray(sums, to + PANEL);
        right1.intoArray(sums, to + PANEL + LANES);
        left2.intoArray(sums, to + 2 * PANEL);
        right2.intoArray(sums, to + 2 * PANEL + LANES);
        left3.intoArray(sums, to + 3 * PANEL);
        right3.intoArray(sums, to + 3 * PANEL + LANES);
    }

    static void fourRows(
            float[] x,
            int at,
            float[] w,
            int from,
            int count,
            float[] before,
            int start,
            int distance,
            float[] sums,
            int to) {
        FloatVector left0 = FloatVector.fromArray(SPECIES, before, start);
        FloatVector right0 = FloatVector.fromArray(SPECIES, before, start + LANES);
        FloatVector left1 = FloatVector.fromArray(SPECIES, before, start + distance);
        FloatVector right1 = FloatVector.fromArray(SPECIES, before, start + distance + LANES);
        FloatVector left2 = FloatVector.fromArray(SPECIES, before, start + 2 * distance);
        FloatVector right2 = FloatVector.fromArray(SPECIES, before, start + 2 * distance + LANES);
        FloatVector left3 = FloatVector.fromArray(SPECIES, before, start + 3 * distance);
        FloatVector right3 = FloatVector.fromArray(SPECIES, before, start + 3 * distance + LANES);
        for (int k = 0; k < count; k++) {
            FloatVector left = FloatVector.fromArray(SPECIES, w, from + k * PANEL);
            FloatVector right = FloatVector.fromArray(SPECIES, w, from + k * PANEL + LANES);
            FloatVector v0 = FloatVector.broadcast(SPECIES, x[at + k]);
            left0 = left.fma(v0, left0);
            right0 = right.fma(v0, right0);
            FloatVector v1 = FloatVector.broadcast(SPECIES, x[at + STRIDE + k]);
            left1 = left.fma(v1, left1);
            right1 = right.fma(v1, right1);
            FloatVector v2 = FloatVector.broadcast(SPECIES, x[at + 2 * STRIDE + k]);
            left2 = left.fma(v2, left2);
            right2 = right.fma(v2, right2);
            FloatVector v3 = FloatVector.broadcast(SPECIES, x[at + 3 * STRIDE + k]);
            left3 = left.fma(v3, left3);
            right3 = right.fma(v3, right3);
        }
        left0.intoArray(sums, to);
        right0.intoArray(sums, to + LANES);
        left1.intoArray(sums, to + SUMS);
        right1.intoArray(sums, to + SUMS + LANES);
        left2.intoArray(sums, to + 2 * SUMS);
        right2.intoArray(sums, to + 2 * SUMS + LANES);
        left3.intoArray(sums, to + 3 * SUMS);
        right3.intoArray(sums, to + 3 * SUMS + LANES);
    }

    /** Eight rows of a panel that is two vectors wide: sixteen sums hide the latency of the multiply-adds. */
    static void eightRows(
            float[] x,
            int at,
            float[] w,
            int from,
            int count,
            float[] before,
            int start,
            int distance,
            float[] sums,
            int to) {
        FloatVector left0 = FloatVector.fromArray(SPECIES, before, start);
        FloatVector right0 = FloatVector.fromArray(SPECIES, before, start + LANES);
        FloatVector left1 = FloatVector.fromArray(SPECIES, before, start + distance);
        FloatVector right1 = FloatVector.fromArray(SPECIES, before, start + distance + LANES);
        FloatVector left2 = FloatVector.fromArray(SPECIES, before, start + 2 * distance);
        FloatVector right2 = FloatVector.fromArray(SPECIES, before, start + 2 * distance + LANES);
        FloatVector left3 = FloatVector.fromArray(SPECIES, before, start + 3 * distance);
        FloatVector right3 = FloatVector.fromArray(SPECIES, before, start + 3 * distance + LANES);
        FloatVector left4 = FloatVector.fromArray(SPECIES, before, start + 4 * distance);
        FloatVector right4 = FloatVector.fromArray(SPECIES, before, start + 4 * distance + LANES);
        FloatVector left5 = FloatVector.fromArray(SPECIES, before, start + 5 * distance);
        FloatVector right5 = FloatVector.fromArray(SPECIES, before, start + 5 * distance + LANES);
        FloatVector left6 = FloatVector.fromArray(SPECIES, before, start + 6 * distance);
        FloatVector right6 = FloatVector.fromArray(SPECIES, before, start + 6 * distance + LANES);
        FloatVector left7 = FloatVector.fromArray(SPECIES, before, start + 7 * distance);
        FloatVector right7 = FloatVector.fromArray(SPECIES, before, start + 7 * distance + LANES);
        for (int k = 0; k < count; k++) {
            FloatVector left = FloatVector.fromArray(SPECIES, w, from + k * PANEL);
            FloatVector right = FloatVector.fromArray(SPECIES, w, from + k * PANEL + LANES);
            FloatVector v0 = FloatVector.broadcast(SPECIES, x[at + k]);
            left0 = left.fma(v0, left0);
            right0 = right.fma(v0, right0);
            FloatVector v1 = FloatVector.broadcast(SPECIES, x[at + STRIDE + k]);
            left1 = left.fma(v1, left1);
            right1 = right.fma(v1, right1);
            FloatVector v2 = FloatVector.broadcast(SPECIES, x[at + 2 * STRIDE + k]);
            left2 = left.fma(v2, left2);
            right2 = right.fma(v2, right2);
            FloatVector v3 = FloatVector.broadcast(SPECIES, x[at + 3 * STRIDE + k]);
            left3 = left.fma(v3, left3);
            right3 = right.fma(v3, right3);
            FloatVector v4 = FloatVector.broadcast(SPECIES, x[at + 4 * STRIDE + k]);
            left4 = left.fma(v4, left4);
            right4 = right.fma(v4, right4);
            FloatVector v5 = FloatVector.broadcast(SPECIES, x[at + 5 * STRIDE + k]);
            left5 = left.fma(v5, left5);
            right5 = right.fma(v5, right5);
            FloatVector v6 = FloatVector.broadcast(SPECIES, x[at + 6 * STRIDE + k]);
            left6 = left.fma(v6, left6);
            right6 = right.fma(v6, right6);
            FloatVector v7 = FloatVector.broadcast(SPECIES, x[at + 7 * STRIDE + k]);
            left7 = left.fma(v7, left7);
            right7 = right.fma(v7, right7);
        }
        left0.intoArray(sums, to);
        right0.intoArray(sums, to + LANES);
        left1.intoArray(sums, to + SUMS);
        right1.intoArray(sums, to + SUMS + LANES);
        left2.intoArray(sums, to + 2 * SUMS);
        right2.intoArray(sums, to + 2 * SUMS + LANES);
        left3.intoArray(sums, to + 3 * SUMS);
        right3.intoArray(sums, to + 3 * SUMS + LANES);
        left4.intoArray(sums, to + 4 * SUMS);
        right4.intoArray(sums, to + 4 * SUMS + LANES);
        left5.intoArray(sums, to + 5 * SUMS);
        right5.intoArray(sums, to + 5 * SUMS + LANES);
        left6.intoArray(sums, to + 6 * SUMS);
        right6.intoArray(sums, to + 6 * SUMS + LANES);
        left7.intoArray(sums, to + 7 * SUMS);
        right7.intoArray(sums, to + 7 * SUMS + LANES);
    }

    /**
     * {@link #eightRows} that reads a number of a cache line of {@code w} with each input, from {@code ahead} on, in {@link #STREAMS} streams side by side: {@code count} lines, that is {@code count / 2} inputs
     * of a panel, are then on their way while this run is computed.
     *
     * @return the sum of what was read, so that the compiler cannot leave it out
     */
    static float eightRowsTouching(
            float[] x,
            int at,
            float[] w,
            int from,
            int ahead,
            int count,
            float[] before,
            int start,
            int distance,
            float[] sums,
            int to) {
        FloatVector left0 = FloatVector.fromArray(SPECIES, before, start);
        FloatVector right0 = FloatVector.fromArray(SPECIES, before, start + LANES);
        FloatVector left1 = FloatVector.fromArray(SPECIES, before, start + distance);
        FloatVector right1 = FloatVector.fromArray(SPECIES, before, start + distance + LANES);
        FloatVector left2 = FloatVector.fromArray(SPECIES, before, start + 2 * distance);
        FloatVector right2 = FloatVector.fromArray(SPECIES, before, start + 2 * distance + LANES);
        FloatVector left3 = FloatVector.fromArray(SPECIES, before, start + 3 * distance);
        FloatVector right3 = FloatVector.fromArray(SPECIES, before, start + 3 * distance + LANES);
        FloatVector left4 = FloatVector.fromArray(SPECIES, before, start + 4 * distance);
        FloatVector right4 = FloatVector.fromArray(SPECIES, before, start + 4 * distance + LANES);
        FloatVector left5 = FloatVector.fromArray(SPECIES, before, start + 5 * distance);
        FloatVector right5 = FloatVector.fromArray(SPECIES, before, start + 5 * distance + LANES);
        FloatVector left6 = FloatVector.fromArray(SPECIES, before, start + 6 * distance);
        FloatVector right6 = FloatVector.fromArray(SPECIES, before, start + 6 * distance + LANES);
        FloatVector left7 = FloatVector.fromArray(SPECIES, before, start + 7 * distance);
        FloatVector right7 = FloatVector.fromArray(SPECIES, before, start + 7 * distance + LANES);
        int stream = count / STREAMS * LINE;
        float touched = 0;
        for (int k = 0; k < count; k++) {
            touched += w[ahead + k % STREAMS * stream + k / STREAMS * LINE];
            FloatVector left = FloatVector.fromArray(SPECIES, w, from + k * PANEL);
            FloatVector right = FloatVector.fromArray(SPECIES, w, from + k * PANEL + LANES);
            FloatVector v0 = FloatVector.broadcast(SPECIES, x[at + k]);
            left0 = left.fma(v0, left0);
            right0 = right.fma(v0, right0);
            FloatVector v1 = FloatVector.broadcast(SPECIES, x[at + STRIDE + k]);
            left1 = left.fma(v1, left1);
            right1 = right.fma(v1, right1);
            FloatVector v2 = FloatVector.broadcast(SPECIES, x[at + 2 * STRIDE + k]);
            left2 = left.fma(v2, left2);
            right2 = right.fma(v2, right2);
            FloatVector v3 = FloatVector.broadcast(SPECIES, x[at + 3 * STRIDE + k]);
            left3 = left.fma(v3, left3);
            right3 = right.fma(v3, right3);
            FloatVector v4 = FloatVector.broadcast(SPECIES, x[at + 4 * STRIDE + k]);
            left4 = left.fma(v4, left4);
            right4 = right.fma(v4, right4);
            FloatVector v5 = FloatVector.broadcast(SPECIES, x[at + 5 * STRIDE + k]);
            left5 = left.fma(v5, left5);
            right5 = right.fma(v5, right5);
            FloatVector v6 = FloatVector.broadcast(SPECIES, x[at + 6 * STRIDE + k]);
            left6 = left.fma(v6, left6);
            right6 = right.fma(v6, right6);
            FloatVector v7 = FloatVector.broadcast(SPECIES, x[at + 7 * STRIDE + k]);
            left7 = left.fma(v7, left7);
            right7 = right.fma(v7, right7);
        }
        left0.intoArray(sums, to);
        right0.intoArray(sums, to + LANES);
        left1.intoArray(sums, to + SUMS);
        right1.intoArray(sums, to + SUMS + LANES);
        left2.intoArray(sums, to + 2 * SUMS);
        right2.intoArray(sums, to + 2 * SUMS + LANES);
        left3.intoArray(sums, to + 3 * SUMS);
        right3.intoArray(sums, to + 3 * SUMS + LANES);
        left4.intoArray(sums, to + 4 * SUMS);
        right4.intoArray(sums, to + 4 * SUMS + LANES);
        left5.intoArray(sums, to + 5 * SUMS);
        right5.intoArray(sums, to + 5 * SUMS + LANES);
        left6.intoArray(sums, to + 6 * SUMS);
        right6.intoArray(sums, to + 6 * SUMS + LANES);
        left7.intoArray(sums, to + 7 * SUMS);
        right7.intoArray(sums, to + 7 * SUMS + LANES);
        return touched;
    }
}
