package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.CompactPanels;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Loops over {@link CompactPanels}: a row times panels, or words as the floats that stand for them. Either way each sum is the same to the bit. */
final class CompactLoops {
    private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> HALF_INTS =
            VectorSpecies.of(int.class, VectorShape.forBitSize(INTS.vectorBitSize() / 2));
    private static final int LANES = VectorMath.LANES;
    private static final int PANEL = CompactPanels.PANEL;
    private static final int FLOAT_PANEL = Kernels.PANEL;
    private static final int QUARTER = PANEL / 4;
    private static final int GROUP = CompactPanels.GROUP;
    private static final int LINE = CompactPanels.LINE;
    private static final int HIGH = 0xFFFF0000;

    /** Words ahead of their use that are touched. */
    private static final int AHEAD = CompactPanels.BEYOND;

    /** Magnitudes of inputs below which {@link #round} makes them 0: VDPBF16PS takes subnormal products for 0, and these are none with weights of at least 2^-76. */
    private static final float SMALLEST = 0x1p-50f;

    private CompactLoops() {}

    /**
     * A row times a chunk of bfloat16 weights of a panel, {@link #LANES} of each quarter of it.
     *
     * <p>How far it goes in a step is an argument, so that the compiler does not know it and leaves the loop as it is. Unrolled, the loop would load words out of their order, and a core of an AMD Zen 5 then reads 26 instead of 35 GB/s.
     *
     * @param x where inputs are odd, 0 after the last
     * @param from of the words
     * @param stride {@link CompactPanels#PANEL}
     * @param fresh whether there are no sums of chunks before, to which these are added
     */
    static void halves(
            float[] x, int at, int[] w, int from, int stride, int inputs, boolean fresh, float[] sums, int to) {
        FloatVector sum0 = FloatVector.zero(SPECIES);
        FloatVector sum1 = FloatVector.zero(SPECIES);
        FloatVector sum2 = FloatVector.zero(SPECIES);
        FloatVector sum3 = FloatVector.zero(SPECIES);
        int input = at;
        int end = from + (inputs + 1) / 2 * PANEL;
        for (int line = from; line < end; line += stride) {
            FloatVector first = FloatVector.broadcast(SPECIES, x[input]);
            FloatVector second = FloatVector.broadcast(SPECIES, x[input + 1]);
            input += 2;
            IntVector two0 = IntVector.fromArray(INTS, w, line);
            IntVector two1 = IntVector.fromArray(INTS, w, line + QUARTER);
            IntVector two2 = IntVector.fromArray(INTS, w, line + 2 * QUARTER);
            IntVector two3 = IntVector.fromArray(INTS, w, line + 3 * QUARTER);
            sum0 = high(two0).fma(first, sum0);
            sum1 = high(two1).fma(first, sum1);
            sum2 = high(two2).fma(first, sum2);
            sum3 = high(two3).fma(first, sum3);
            sum0 = low(two0).fma(second, sum0);
            sum1 = low(two1).fma(second, sum1);
            sum2 = low(two2).fma(second, sum2);
            sum3 = low(two3).fma(second, sum3);
        }
        put(sum0, fresh, sums, to);
        put(sum1, fresh, sums, to + QUARTER);
        put(sum2, fresh, sums, to + 2 * QUARTER);
        put(sum3, fresh, sums, to + 3 * QUARTER);
    }

    /**
     * A row times int8 weights of some panels, {@link #LANES} of each quarter of them: of each group of inputs the sum of inputs times bytes, times the scale, is added.
     *
     * <p>Reads a word two steps ahead. A dozen operations wait for a word that is not there yet, so few words would be on their way at a time; nothing waits for what is touched ahead. On an AMD Zen 5 a core then reads 33 GB/s, and 18 without.
     *
     * @param from of the words
     * @param inputs where they are odd, x is 0 after the last
     * @return the sum of what was touched, so that the compiler cannot leave it out
     */
    static int bytes(float[] x, int at, int[] w, int from, int panels, int inputs, float[] sums, int to) {
        FloatVector zero = FloatVector.zero(SPECIES);
        int touched = 0;
        int words = from;
        for (int panel = 0; panel < panels; panel++) {
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
                    touched += w[words + AHEAD + k * LINE];
                    FloatVector v = FloatVector.broadcast(SPECIES, x[at + group + 2 * k]);
                    FloatVector next = FloatVector.broadcast(SPECIES, x[at + group + 2 * k + 1]);
                    IntVector four0 = IntVector.fromArray(INTS, w, words + k * LINE);
                    IntVector four1 = IntVector.fromArray(INTS, w, words + k * LINE + QUARTER);
                    sumLow0 = value(four0.lanewise(VectorOperators.LSHL, 24)).fma(v, sumLow0);
                    sumLow1 = value(four1.lanewise(VectorOperators.LSHL, 24)).fma(v, sumLow1);
                    sumHigh0 = value(four0.lanewise(VectorOperators.LSHL, 16)).fma(v, sumHigh0);
                    sumHigh1 = value(four1.lanewise(VectorOperators.LSHL, 16)).fma(v, sumHigh1);
                    sumLow0 = value(four0.lanewise(VectorOperators.LSHL, 8)).fma(next, sumLow0);
                    sumLow1 = value(four1.lanewise(VectorOperators.LSHL, 8)).fma(next, sumLow1);
                    sumHigh0 = value(four0).fma(next, sumHigh0);
                    sumHigh1 = value(four1).fma(next, sumHigh1);
                }
                int scale = words + steps * LINE;
                IntVector scales0 = IntVector.fromArray(INTS, w, scale);
                low0 = low(scales0).fma(sumLow0, low0);
                high0 = high(scales0).fma(sumHigh0, high0);
                IntVector scales1 = IntVector.fromArray(INTS, w, scale + QUARTER);
                low1 = low(scales1).fma(sumLow1, low1);
                high1 = high(scales1).fma(sumHigh1, high1);
                words = scale + LINE;
            }
            int sum = to + PANEL * panel;
            low0.intoArray(sums, sum);
            high0.intoArray(sums, sum + QUARTER);
            low1.intoArray(sums, sum + 2 * QUARTER);
            high1.intoArray(sums, sum + 3 * QUARTER);
        }
        return touched;
    }

    private static void put(FloatVector sum, boolean fresh, float[] sums, int at) {
        if (fresh) {
            sum.intoArray(sums, at);
        } else {
            FloatVector.fromArray(SPECIES, sums, at).add(sum).intoArray(sums, at);
        }
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

    /**
     * bfloat16 weights of a half of a panel as (inputs, 32) floats.
     *
     * @param from of the half's first word
     */
    static void expandHalves(float[] values, int[] w, int from, int inputs) {
        for (int k = 0; k < (inputs + 1) / 2; k++) {
            for (int j = 0; j < FLOAT_PANEL; j += LANES) {
                IntVector both = IntVector.fromArray(INTS, w, from + k * PANEL + j);
                high(both).intoArray(values, 2 * k * FLOAT_PANEL + j);
                low(both).intoArray(values, (2 * k + 1) * FLOAT_PANEL + j);
            }
        }
    }

    /** Pairs of inputs of int8 weights of a half of a panel as (inputs, 32) floats, without the scales. */
    static void expandBytes(float[] values, int[] w, int from, int pairs) {
        for (int k = 0; k < pairs; k++) {
            for (int j = 0; j < QUARTER; j += LANES) {
                IntVector four = IntVector.fromArray(INTS, w, from + k * LINE + j);
                int at = 2 * k * FLOAT_PANEL + j;
                value(four.lanewise(VectorOperators.LSHL, 24)).intoArray(values, at);
                value(four.lanewise(VectorOperators.LSHL, 16)).intoArray(values, at + QUARTER);
                value(four.lanewise(VectorOperators.LSHL, 8)).intoArray(values, at + FLOAT_PANEL);
                value(four).intoArray(values, at + FLOAT_PANEL + QUARTER);
            }
        }
    }

    /**
     * {@code sums = partial * scales + before}, of 32 outputs and some rows, {@link PanelLoops#SUMS} apart.
     *
     * @param scale of the scales in {@code w}
     * @param distance of the rows of {@code before}
     */
    static void addScaled(
            float[] partial,
            int at,
            int rows,
            int[] w,
            int scale,
            float[] before,
            int start,
            int distance,
            float[] sums,
            int to) {
        for (int lane = 0; lane < QUARTER; lane += LANES) {
            IntVector scales = IntVector.fromArray(INTS, w, scale + lane);
            FloatVector low = low(scales);
            FloatVector high = high(scales);
            for (int row = 0; row < rows; row++) {
                int sum = row * PanelLoops.SUMS + lane;
                int base = start + row * distance + lane;
                low.fma(FloatVector.fromArray(SPECIES, partial, at + sum), FloatVector.fromArray(SPECIES, before, base))
                        .intoArray(sums, to + sum);
                high.fma(
                                FloatVector.fromArray(SPECIES, partial, at + sum + QUARTER),
                                FloatVector.fromArray(SPECIES, before, base + QUARTER))
                        .intoArray(sums, to + sum + QUARTER);
            }
        }
    }
    /**
     * Rounds inputs in place to the nearest bfloat16, ties to even; those below 2^-50 become 0, what is no number stays none.
     *
     * @param count a multiple of the lanes of a vector
     */
    static void round(float[] x, int from, int count) {
        for (int i = from; i < from + count; i += LANES) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, i);
            IntVector bits = v.reinterpretAsInts();
            IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
            IntVector nearest = bits.add(odd).add(0x7FFF).and(HIGH);
            FloatVector kept = nearest.reinterpretAsFloats();
            kept = kept.blend(0, v.abs().compare(VectorOperators.LT, SMALLEST));
            kept.blend(Float.NaN, v.compare(VectorOperators.NE, v)).intoArray(x, i);
        }
    }

    /**
     * Rounded inputs as pairs of bfloat16, the first in the high half.
     *
     * @param x from {@code from} on, of {@link #round}
     * @param count a multiple of the lanes of a vector
     */
    static void toPairs(float[] x, int from, int count, int[] pairs) {
        for (int i = 0; i < count; i += LANES) {
            LongVector two = FloatVector.fromArray(SPECIES, x, from + i).reinterpretAsLongs();
            LongVector pair = two.or(two.lanewise(VectorOperators.LSHR, 48));
            ((IntVector) pair.convertShape(VectorOperators.L2I, HALF_INTS, 0)).intoArray(pairs, i / 2);
        }
    }
}
