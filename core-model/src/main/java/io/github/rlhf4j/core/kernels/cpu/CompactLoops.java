package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.CompactPanels;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** {@link PanelLoops} over {@link CompactPanels}: a row times some inputs of a pair of panels, or words as the floats that stand for them. Either way each sum is the same to the bit. */
final class CompactLoops {
    private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final int LANES = VectorMath.LANES;
    private static final int PANEL = Kernels.PANEL;
    private static final int STEP = CompactPanels.STEP;
    private static final int STRIDE = CompactPanels.STRIDE;
    private static final int GROUP = CompactPanels.GROUP;
    private static final int HIGH = 0xFFFF0000;

    /** Words ahead of their use that are touched. */
    private static final int AHEAD = CompactPanels.BEYOND;

    private CompactLoops() {}

    /**
     * A row times bfloat16 weights of two panels, {@link #LANES} of each half of a panel.
     *
     * @param from of the words
     * @param distance of the sums before from panel to panel
     */
    static void halves(
            float[] x,
            int at,
            int[] w,
            int from,
            int count,
            float[] before,
            int start,
            int distance,
            float[] sums,
            int to) {
        FloatVector low0 = FloatVector.fromArray(SPECIES, before, start);
        FloatVector high0 = FloatVector.fromArray(SPECIES, before, start + STEP);
        FloatVector low1 = FloatVector.fromArray(SPECIES, before, start + distance);
        FloatVector high1 = FloatVector.fromArray(SPECIES, before, start + distance + STEP);
        for (int k = 0; k < count; k++) {
            FloatVector v = FloatVector.broadcast(SPECIES, x[at + k]);
            IntVector both0 = IntVector.fromArray(INTS, w, from + k * STRIDE);
            low0 = low(both0).fma(v, low0);
            high0 = high(both0).fma(v, high0);
            IntVector both1 = IntVector.fromArray(INTS, w, from + k * STRIDE + STEP);
            low1 = low(both1).fma(v, low1);
            high1 = high(both1).fma(v, high1);
        }
        low0.intoArray(sums, to);
        high0.intoArray(sums, to + STEP);
        low1.intoArray(sums, to + PANEL);
        high1.intoArray(sums, to + PANEL + STEP);
    }

    private static FloatVector low(IntVector both) {
        return both.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
    }

    private static FloatVector high(IntVector both) {
        return both.lanewise(VectorOperators.AND, HIGH).reinterpretAsFloats();
    }

    /**
     * A row times int8 weights of two panels, {@link #LANES} of each half of a panel: of each group of inputs the sum of inputs times bytes, times the scale, is added.
     *
     * <p>Reads a word two steps ahead. A dozen operations wait for a word that is not there yet, so few words would be on their way at a time; nothing waits for what is touched ahead. On an AMD Zen 5 a core then reads 33 GB/s, and 18 without.
     *
     * @param from of the words of the first group
     * @param inputs of whole groups and a rest; where they are odd, x is 0 after the last
     * @return the sum of what was touched, so that the compiler cannot leave it out
     */
    static int bytes(
            float[] x,
            int at,
            int[] w,
            int from,
            int inputs,
            float[] before,
            int start,
            int distance,
            float[] sums,
            int to) {
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector low0 = FloatVector.fromArray(SPECIES, before, start);
        FloatVector high0 = FloatVector.fromArray(SPECIES, before, start + STEP);
        FloatVector low1 = FloatVector.fromArray(SPECIES, before, start + distance);
        FloatVector high1 = FloatVector.fromArray(SPECIES, before, start + distance + STEP);
        int touched = 0;
        int words = from;
        for (int group = 0; group < inputs; group += GROUP) {
            FloatVector sumLow0 = zero;
            FloatVector sumHigh0 = zero;
            FloatVector sumLow1 = zero;
            FloatVector sumHigh1 = zero;
            int pairs = (Math.min(GROUP, inputs - group) + 1) / 2;
            for (int k = 0; k < pairs; k++) {
                touched += w[words + AHEAD + k * STRIDE];
                FloatVector v = FloatVector.broadcast(SPECIES, x[at + group + 2 * k]);
                FloatVector next = FloatVector.broadcast(SPECIES, x[at + group + 2 * k + 1]);
                IntVector four0 = IntVector.fromArray(INTS, w, words + k * STRIDE);
                IntVector four1 = IntVector.fromArray(INTS, w, words + k * STRIDE + STEP);
                sumLow0 = value(four0.lanewise(VectorOperators.LSHL, 24)).fma(v, sumLow0);
                sumLow1 = value(four1.lanewise(VectorOperators.LSHL, 24)).fma(v, sumLow1);
                sumHigh0 = value(four0.lanewise(VectorOperators.LSHL, 16)).fma(v, sumHigh0);
                sumHigh1 = value(four1.lanewise(VectorOperators.LSHL, 16)).fma(v, sumHigh1);
                sumLow0 = value(four0.lanewise(VectorOperators.LSHL, 8)).fma(next, sumLow0);
                sumLow1 = value(four1.lanewise(VectorOperators.LSHL, 8)).fma(next, sumLow1);
                sumHigh0 = value(four0).fma(next, sumHigh0);
                sumHigh1 = value(four1).fma(next, sumHigh1);
            }
            int scale = words + pairs * STRIDE;
            low0 = scale(w, scale).fma(sumLow0, low0);
            high0 = scale(w, scale + STEP).fma(sumHigh0, high0);
            low1 = scale(w, scale + PANEL).fma(sumLow1, low1);
            high1 = scale(w, scale + PANEL + STEP).fma(sumHigh1, high1);
            words = scale + 2 * PANEL;
        }
        low0.intoArray(sums, to);
        high0.intoArray(sums, to + STEP);
        low1.intoArray(sums, to + PANEL);
        high1.intoArray(sums, to + PANEL + STEP);
        return touched;
    }

    private static FloatVector scale(int[] w, int at) {
        return IntVector.fromArray(INTS, w, at).reinterpretAsFloats();
    }

    /** The highest byte of each word, with what is below it as a fraction. */
    private static FloatVector value(IntVector words) {
        return (FloatVector) words.convert(VectorOperators.I2F, 0);
    }

    /** {@code inputs} of a panel of bfloat16 weights as (inputs, 32) floats. */
    static void expandHalves(float[] values, int[] w, int from, int inputs) {
        for (int k = 0; k < inputs; k++) {
            for (int j = 0; j < STEP; j += LANES) {
                IntVector both = IntVector.fromArray(INTS, w, from + k * STRIDE + j);
                low(both).intoArray(values, k * PANEL + j);
                high(both).intoArray(values, k * PANEL + STEP + j);
            }
        }
    }

    /** Pairs of inputs of a panel of int8 weights as (inputs, 32) floats, without the scales. */
    static void expandBytes(float[] values, int[] w, int from, int pairs) {
        for (int k = 0; k < pairs; k++) {
            for (int j = 0; j < STEP; j += LANES) {
                IntVector four = IntVector.fromArray(INTS, w, from + k * STRIDE + j);
                int at = 2 * k * PANEL + j;
                value(four.lanewise(VectorOperators.LSHL, 24)).intoArray(values, at);
                value(four.lanewise(VectorOperators.LSHL, 16)).intoArray(values, at + STEP);
                value(four.lanewise(VectorOperators.LSHL, 8)).intoArray(values, at + PANEL);
                value(four).intoArray(values, at + PANEL + STEP);
            }
        }
    }

    /**
     * {@code sums = partial * scales + before}, of one panel's 32 and some rows, {@link PanelLoops#SUMS} apart.
     *
     * @param scale of the scales' bits in {@code w}
     * @param distance of the rows of {@code before}
     */
    static void addScaled(
            float[] partial,
            int rows,
            int[] w,
            int scale,
            float[] before,
            int start,
            int distance,
            float[] sums,
            int to) {
        for (int lane = 0; lane < PANEL; lane += LANES) {
            FloatVector scales = scale(w, scale + lane);
            for (int row = 0; row < rows; row++) {
                int at = row * PanelLoops.SUMS + lane;
                scales.fma(
                                FloatVector.fromArray(SPECIES, partial, at),
                                FloatVector.fromArray(SPECIES, before, start + row * distance + lane))
                        .intoArray(sums, to + at);
            }
        }
    }
}
