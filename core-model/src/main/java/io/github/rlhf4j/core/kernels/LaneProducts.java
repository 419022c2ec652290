package io.github.rlhf4j.core.kernels;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Small matrix products over heap arrays, one vector of columns wide and {@link #GROUP} rows at a time: eight sums hide the latency of fused multiply-add on two ports. */
final class LaneProducts {
    /** Rows of a product computed side by side; numbers of rows are whole multiples. */
    static final int GROUP = 8;

    private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;

    private LaneProducts() {}

    /** {@code n} to the next whole group. */
    static int roundUp(int n) {
        return (n + GROUP - 1) / GROUP * GROUP;
    }

    /**
     * {@code out[i] = sum over j of a[i, j] * b[j]} for GROUP rows i, where {@code b[j]} and {@code out[i]} are vectors; {@code add} keeps what was in {@code out}.
     */
    static void byRows(
            float[] out,
            int to,
            int outStride,
            float[] a,
            int at,
            int stride,
            float[] b,
            int from,
            int bStride,
            int depth,
            boolean add) {
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = FloatVector.zero(SPECIES);
        FloatVector s2 = FloatVector.zero(SPECIES);
        FloatVector s3 = FloatVector.zero(SPECIES);
        FloatVector s4 = FloatVector.zero(SPECIES);
        FloatVector s5 = FloatVector.zero(SPECIES);
        FloatVector s6 = FloatVector.zero(SPECIES);
        FloatVector s7 = FloatVector.zero(SPECIES);
        for (int j = 0; j < depth; j++) {
            FloatVector column = FloatVector.fromArray(SPECIES, b, from + j * bStride);
            s0 = column.fma(FloatVector.broadcast(SPECIES, a[at + j]), s0);
            s1 = column.fma(FloatVector.broadcast(SPECIES, a[at + stride + j]), s1);
            s2 = column.fma(FloatVector.broadcast(SPECIES, a[at + 2 * stride + j]), s2);
            s3 = column.fma(FloatVector.broadcast(SPECIES, a[at + 3 * stride + j]), s3);
            s4 = column.fma(FloatVector.broadcast(SPECIES, a[at + 4 * stride + j]), s4);
            s5 = column.fma(FloatVector.broadcast(SPECIES, a[at + 5 * stride + j]), s5);
            s6 = column.fma(FloatVector.broadcast(SPECIES, a[at + 6 * stride + j]), s6);
            s7 = column.fma(FloatVector.broadcast(SPECIES, a[at + 7 * stride + j]), s7);
        }
        finish(s0, out, to, add);
        finish(s1, out, to + outStride, add);
        finish(s2, out, to + 2 * outStride, add);
        finish(s3, out, to + 3 * outStride, add);
        finish(s4, out, to + 4 * outStride, add);
        finish(s5, out, to + 5 * outStride, add);
        finish(s6, out, to + 6 * outStride, add);
        finish(s7, out, to + 7 * outStride, add);
    }

    /** {@code out[i] = sum over j of a[j, i] * b[j]} for GROUP columns i of a; {@code add} keeps what was in {@code out}. */
    static void byColumns(
            float[] out,
            int to,
            int outStride,
            float[] a,
            int at,
            int stride,
            float[] b,
            int from,
            int bStride,
            int depth,
            boolean add) {
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = FloatVector.zero(SPECIES);
        FloatVector s2 = FloatVector.zero(SPECIES);
        FloatVector s3 = FloatVector.zero(SPECIES);
        FloatVector s4 = FloatVector.zero(SPECIES);
        FloatVector s5 = FloatVector.zero(SPECIES);
        FloatVector s6 = FloatVector.zero(SPECIES);
        FloatVector s7 = FloatVector.zero(SPECIES);
        for (int j = 0; j < depth; j++) {
            FloatVector column = FloatVector.fromArray(SPECIES, b, from + j * bStride);
            int row = at + j * stride;
            s0 = column.fma(FloatVector.broadcast(SPECIES, a[row]), s0);
            s1 = column.fma(FloatVector.broadcast(SPECIES, a[row + 1]), s1);
            s2 = column.fma(FloatVector.broadcast(SPECIES, a[row + 2]), s2);
            s3 = column.fma(FloatVector.broadcast(SPECIES, a[row + 3]), s3);
            s4 = column.fma(FloatVector.broadcast(SPECIES, a[row + 4]), s4);
            s5 = column.fma(FloatVector.broadcast(SPECIES, a[row + 5]), s5);
            s6 = column.fma(FloatVector.broadcast(SPECIES, a[row + 6]), s6);
            s7 = column.fma(FloatVector.broadcast(SPECIES, a[row + 7]), s7);
        }
        finish(s0, out, to, add);
        finish(s1, out, to + outStride, add);
        finish(s2, out, to + 2 * outStride, add);
        finish(s3, out, to + 3 * outStride, add);
        finish(s4, out, to + 4 * outStride, add);
        finish(s5, out, to + 5 * outStride, add);
        finish(s6, out, to + 6 * outStride, add);
        finish(s7, out, to + 7 * outStride, add);
    }

    /** Sums of one product are added up before they meet what was there: its rounding error grows with the number of products only. */
    private static void finish(FloatVector sum, float[] out, int at, boolean add) {
        if (add) {
            sum.add(FloatVector.fromArray(SPECIES, out, at)).intoArray(out, at);
        } else {
            sum.intoArray(out, at);
        }
    }
}
