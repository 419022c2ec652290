package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.CompactPanels;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** {@link PanelLoops} over {@link CompactPanels}: a row times pairs of panels, or words as the floats that stand for them. Either way each sum is the same to the bit. */
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
     * A row times bfloat16 weights of some pairs of panels, {@link #LANES} of each half of a panel.
     *
     * <p>How far it goes in a step is an argument, so that the compiler does not know it and leaves the loop as it is. Unrolled, the loop would load words out of their order, and a core of an AMD Zen 5 then reads 26 instead of 35 GB/s.
     *
     * @param from of the words
     * @param stride {@link CompactPanels#STRIDE}
     * @param sums of a panel after the other
     */
    static void halves(float[] x, int at, int[] w, int from, int stride, int pairs, int inputs, float[] sums, int to) {
        FloatVector zero = FloatVector.zero(SPECIES);
        int line = from;
        for (int pair = 0; pair < pairs; pair++) {
            FloatVector low0 = zero;
            FloatVector high0 = zero;
            FloatVector low1 = zero;
            FloatVector high1 = zero;
            int input = at;
            int end = line + inputs * STRIDE;
            for (; line < end; line += stride) {
                FloatVector v = FloatVector.broadcast(SPECIES, x[input++]);
                IntVector both0 = IntVector.fromArray(INTS, w, line);
                low0 = both0.lanewise(VectorOperators.LSHL, 16)
                        .reinterpretAsFloats()
                        .fma(v, low0);
                high0 = both0.lanewise(VectorOperators.AND, HIGH)
                        .reinterpretAsFloats()
                        .fma(v, high0);
                IntVector both1 = IntVector.fromArray(INTS, w, line + STEP);
                low1 = both1.lanewise(VectorOperators.LSHL, 16)
                        .reinterpretAsFloats()
                        .fma(v, low1);
                high1 = both1.lanewise(VectorOperators.AND, HIGH)
                        .reinterpretAsFloats()
                        .fma(v, high1);
            }
            int sum = to + 2 * PANEL * pair;
            low0.intoArray(sums, sum);
            high0.intoArray(sums, sum + STEP);
            low1.intoArray(sums, sum + PANEL);
            high1.intoArray(sums, sum + PANEL + STEP);
        }
    }

    /**
     * A row times int8 weights of some pairs of panels, {@link #LANES} of each half of a panel: of each group of inputs the sum of inputs times bytes, times the scale, is added.
     *
     * <p>Reads a word two steps ahead. A dozen operations wait for a word that is not there yet, so few words would be on their way at a time; nothing waits for what is touched ahead. On an AMD Zen 5 a core then reads 33 GB/s, and 18 without.
     *
     * @param from of the words
     * @param inputs where they are odd, x is 0 after the last
     * @return the sum of what was touched, so that the compiler cannot leave it out
     */
    static int bytes(float[] x, int at, int[] w, int from, int pairs, int inputs, float[] sums, int to) {
        FloatVector zero = FloatVector.zero(SPECIES);
        int touched = 0;
        int words = from;
        for (int pair = 0; pair < pairs; pair++) {
            FloatVector low0 = zero;
            FloatVector high0 = zero;
            FloatVector low1 = zero;
            FloatVector high1 = zero;
            for (int group = 0; group < inputs; group += GROUP) {
                FloatVector sumLow0 = zero;
                FloatVector sumHigh0 = zero;
                FloatVector sumLow1 = zero;
                FloatVector sumHigh1 = zero;
                int steps = (Math.min(GROUP, inputs - group) + 1) / 2;
                for (int k = 0; k < steps; k++) {
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
                int scale = words + steps * STRIDE;
                IntVector scales0 = IntVector.fromArray(INTS, w, scale);
                low0 = low(scales0).fma(sumLow0, low0);
                high0 = high(scales0).fma(sumHigh0, high0);
                IntVector scales1 = IntVector.fromArray(INTS, w, scale + STEP);
                low1 = low(scales1).fma(sumLow1, low1);
                high1 = high(scales1).fma(sumHigh1, high1);
                words = scale + STRIDE;
            }
            int sum = to + 2 * PANEL * pair;
            low0.intoArray(sums, sum);
            high0.intoArray(sums, sum + STEP);
            low1.intoArray(sums, sum + PANEL);
            high1.intoArray(sums, sum + PANEL + STEP);
        }
        return touched;
    }

    private static FloatVector low(IntVector both) {
        return both.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
    }

    private static FloatVector high(IntVector both) {
        return both.lanewise(VectorOperators.AND, HIGH).reinterpretAsFloats();
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
                both.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().intoArray(values, k * PANEL + j);
                both.lanewise(VectorOperators.AND, HIGH).reinterpretAsFloats().intoArray(values, k * PANEL + STEP + j);
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
     * @param scale of the scales in {@code w}
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
        for (int lane = 0; lane < STEP; lane += LANES) {
            IntVector scales = IntVector.fromArray(INTS, w, scale + lane);
            FloatVector low = low(scales);
            FloatVector high = high(scales);
            for (int row = 0; row < rows; row++) {
                int at = row * PanelLoops.SUMS + lane;
                int base = start + row * distance + lane;
                low.fma(FloatVector.fromArray(SPECIES, partial, at), FloatVector.fromArray(SPECIES, before, base))
                        .intoArray(sums, to + at);
                high.fma(
                                FloatVector.fromArray(SPECIES, partial, at + STEP),
                                FloatVector.fromArray(SPECIES, before, base + STEP))
                        .intoArray(sums, to + at + STEP);
            }
        }
    }
}
