package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.CompactPanels;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** {@link PanelLoops} over {@link CompactPanels}: a row times some inputs of up to four panels, or words as the floats that stand for them. Either way each sum is the same to the bit. */
final class CompactLoops {
    private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final int LANES = VectorMath.LANES;
    private static final int PANEL = Kernels.PANEL;
    private static final int STEP = CompactPanels.STEP;
    private static final int HIGH = 0xFFFF0000;

    private CompactLoops() {}

    /**
     * A row times bfloat16 weights, {@link #LANES} of each half of a panel.
     *
     * @param from of the words
     * @param panels in 1 .. 4, {@code stride} apart; where there are fewer the last is computed again
     * @param distance of the sums before from panel to panel
     */
    static void halves(
            float[] x,
            int at,
            int[] w,
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
        FloatVector low0 = FloatVector.fromArray(SPECIES, before, start);
        FloatVector high0 = FloatVector.fromArray(SPECIES, before, start + STEP);
        FloatVector low1 = FloatVector.fromArray(SPECIES, before, start + distance);
        FloatVector high1 = FloatVector.fromArray(SPECIES, before, start + distance + STEP);
        FloatVector low2 = FloatVector.fromArray(SPECIES, before, start + 2 * distance);
        FloatVector high2 = FloatVector.fromArray(SPECIES, before, start + 2 * distance + STEP);
        FloatVector low3 = FloatVector.fromArray(SPECIES, before, start + 3 * distance);
        FloatVector high3 = FloatVector.fromArray(SPECIES, before, start + 3 * distance + STEP);
        for (int k = 0; k < count; k++) {
            FloatVector v = FloatVector.broadcast(SPECIES, x[at + k]);
            int line = k * STEP;
            IntVector both0 = IntVector.fromArray(INTS, w, from + line);
            low0 = low(both0).fma(v, low0);
            high0 = high(both0).fma(v, high0);
            IntVector both1 = IntVector.fromArray(INTS, w, from1 + line);
            low1 = low(both1).fma(v, low1);
            high1 = high(both1).fma(v, high1);
            IntVector both2 = IntVector.fromArray(INTS, w, from2 + line);
            low2 = low(both2).fma(v, low2);
            high2 = high(both2).fma(v, high2);
            IntVector both3 = IntVector.fromArray(INTS, w, from3 + line);
            low3 = low(both3).fma(v, low3);
            high3 = high(both3).fma(v, high3);
        }
        low0.intoArray(sums, to);
        high0.intoArray(sums, to + STEP);
        low1.intoArray(sums, to + PANEL);
        high1.intoArray(sums, to + PANEL + STEP);
        low2.intoArray(sums, to + 2 * PANEL);
        high2.intoArray(sums, to + 2 * PANEL + STEP);
        low3.intoArray(sums, to + 3 * PANEL);
        high3.intoArray(sums, to + 3 * PANEL + STEP);
    }

    private static FloatVector low(IntVector both) {
        return both.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
    }

    private static FloatVector high(IntVector both) {
        return both.lanewise(VectorOperators.AND, HIGH).reinterpretAsFloats();
    }

    /**
     * A row times a group of int8 weights of two panels, {@link #LANES} of each half of a panel: the sum of inputs times bytes, times the scale, is added.
     *
     * @param second how far the second panel's words are from the first's; 0 where there is one panel
     * @param pairs of inputs; beyond the last input x is 0
     * @param secondScale how far its scales are
     * @param sums of the panels, side by side
     */
    static void bytes(
            float[] x,
            int at,
            int[] w,
            int from,
            int second,
            int pairs,
            float[] scales,
            int scale,
            int secondScale,
            float[] before,
            int start,
            int distance,
            float[] sums,
            int to) {
        FloatVector low0 = FloatVector.zero(SPECIES);
        FloatVector high0 = FloatVector.zero(SPECIES);
        FloatVector low1 = FloatVector.zero(SPECIES);
        FloatVector high1 = FloatVector.zero(SPECIES);
        for (int k = 0; k < pairs; k++) {
            FloatVector v = FloatVector.broadcast(SPECIES, x[at + 2 * k]);
            FloatVector next = FloatVector.broadcast(SPECIES, x[at + 2 * k + 1]);
            IntVector four0 = IntVector.fromArray(INTS, w, from + k * STEP);
            IntVector four1 = IntVector.fromArray(INTS, w, from + second + k * STEP);
            low0 = value(four0.lanewise(VectorOperators.LSHL, 24)).fma(v, low0);
            low1 = value(four1.lanewise(VectorOperators.LSHL, 24)).fma(v, low1);
            high0 = value(four0.lanewise(VectorOperators.LSHL, 16)).fma(v, high0);
            high1 = value(four1.lanewise(VectorOperators.LSHL, 16)).fma(v, high1);
            low0 = value(four0.lanewise(VectorOperators.LSHL, 8)).fma(next, low0);
            low1 = value(four1.lanewise(VectorOperators.LSHL, 8)).fma(next, low1);
            high0 = value(four0).fma(next, high0);
            high1 = value(four1).fma(next, high1);
        }
        int end = to + PANEL;
        int scale1 = scale + secondScale;
        int start1 = start + distance;
        FloatVector.fromArray(SPECIES, scales, scale1)
                .fma(low1, FloatVector.fromArray(SPECIES, before, start1))
                .intoArray(sums, end);
        FloatVector.fromArray(SPECIES, scales, scale1 + STEP)
                .fma(high1, FloatVector.fromArray(SPECIES, before, start1 + STEP))
                .intoArray(sums, end + STEP);
        FloatVector.fromArray(SPECIES, scales, scale)
                .fma(low0, FloatVector.fromArray(SPECIES, before, start))
                .intoArray(sums, to);
        FloatVector.fromArray(SPECIES, scales, scale + STEP)
                .fma(high0, FloatVector.fromArray(SPECIES, before, start + STEP))
                .intoArray(sums, to + STEP);
    }

    /** The highest byte of each word, with what is below it as a fraction. */
    private static FloatVector value(IntVector words) {
        return (FloatVector) words.convert(VectorOperators.I2F, 0);
    }

    /** {@code inputs} of a panel of bfloat16 weights as (inputs, 32) floats. */
    static void expandHalves(float[] values, int[] w, int from, int inputs) {
        for (int k = 0; k < inputs; k++) {
            for (int j = 0; j < STEP; j += LANES) {
                IntVector both = IntVector.fromArray(INTS, w, from + k * STEP + j);
                low(both).intoArray(values, k * PANEL + j);
                high(both).intoArray(values, k * PANEL + STEP + j);
            }
        }
    }

    /** Pairs of inputs of a panel of int8 weights as (inputs, 32) floats, without the scales. */
    static void expandBytes(float[] values, int[] w, int from, int pairs) {
        for (int k = 0; k < pairs; k++) {
            for (int j = 0; j < STEP; j += LANES) {
                IntVector four = IntVector.fromArray(INTS, w, from + k * STEP + j);
                int at = 2 * k * PANEL + j;
                value(four.lanewise(VectorOperators.LSHL, 24)).intoArray(values, at);
                value(four.lanewise(VectorOperators.LSHL, 16)).intoArray(values, at + STEP);
                value(four.lanewise(VectorOperators.LSHL, 8)).intoArray(values, at + PANEL);
                value(four).intoArray(values, at + PANEL + STEP);
            }
        }
    }

    /** {@code sums = partial * scales + before}, of one panel's 32. */
    static void addScaled(
            float[] partial, int part, float[] scales, int scale, float[] before, int start, float[] sums, int to) {
        for (int lane = 0; lane < PANEL; lane += LANES) {
            FloatVector.fromArray(SPECIES, scales, scale + lane)
                    .fma(
                            FloatVector.fromArray(SPECIES, partial, part + lane),
                            FloatVector.fromArray(SPECIES, before, start + lane))
                    .intoArray(sums, to + lane);
        }
    }
}
