package io.github.rlhf4j.core.kernels;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Small matrix products over heap arrays, one vector of columns wide and {@link #GROUP} rows at a time: eight sums hide the latency of fused multiply-add on two ports. Of two vectors of columns,
 * each anywhere, the loads of the other factor are shared: most processors load no faster than they multiply.
 */
final class LaneProducts {
    /** Rows of a product computed side by side; numbers of rows are whole multiples. */
    static final int GROUP = 8;

    private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
    private static final int LANES = VectorMath.LANES;

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

    /** {@code out[i] += sum over j of a[j, i] * b[j]} for GROUP columns i of a. */
    static void addByColumns(
            float[] out,
            int to,
            int outStride,
            float[] a,
            int at,
            int stride,
            float[] b,
            int from,
            int bStride,
            int depth) {
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
        finish(s0, out, to, true);
        finish(s1, out, to + outStride, true);
        finish(s2, out, to + 2 * outStride, true);
        finish(s3, out, to + 3 * outStride, true);
        finish(s4, out, to + 4 * outStride, true);
        finish(s5, out, to + 5 * outStride, true);
        finish(s6, out, to + 6 * outStride, true);
        finish(s7, out, to + 7 * outStride, true);
    }

    /** {@link #byRows} with two {@code b} and {@code out}, which is not added to. */
    static void twoByRows(
            float[] out0,
            int to0,
            float[] out1,
            int to1,
            int outStride,
            float[] a,
            int at,
            int stride,
            float[] b0,
            int from0,
            float[] b1,
            int from1,
            int bStride,
            int depth) {
        FloatVector l0 = FloatVector.zero(SPECIES);
        FloatVector r0 = FloatVector.zero(SPECIES);
        FloatVector l1 = FloatVector.zero(SPECIES);
        FloatVector r1 = FloatVector.zero(SPECIES);
        FloatVector l2 = FloatVector.zero(SPECIES);
        FloatVector r2 = FloatVector.zero(SPECIES);
        FloatVector l3 = FloatVector.zero(SPECIES);
        FloatVector r3 = FloatVector.zero(SPECIES);
        FloatVector l4 = FloatVector.zero(SPECIES);
        FloatVector r4 = FloatVector.zero(SPECIES);
        FloatVector l5 = FloatVector.zero(SPECIES);
        FloatVector r5 = FloatVector.zero(SPECIES);
        FloatVector l6 = FloatVector.zero(SPECIES);
        FloatVector r6 = FloatVector.zero(SPECIES);
        FloatVector l7 = FloatVector.zero(SPECIES);
        FloatVector r7 = FloatVector.zero(SPECIES);
        for (int j = 0; j < depth; j++) {
            FloatVector left = FloatVector.fromArray(SPECIES, b0, from0 + j * bStride);
            FloatVector right = FloatVector.fromArray(SPECIES, b1, from1 + j * bStride);
            FloatVector a0 = FloatVector.broadcast(SPECIES, a[at + j]);
            l0 = left.fma(a0, l0);
            r0 = right.fma(a0, r0);
            FloatVector a1 = FloatVector.broadcast(SPECIES, a[at + stride + j]);
            l1 = left.fma(a1, l1);
            r1 = right.fma(a1, r1);
            FloatVector a2 = FloatVector.broadcast(SPECIES, a[at + 2 * stride + j]);
            l2 = left.fma(a2, l2);
            r2 = right.fma(a2, r2);
            FloatVector a3 = FloatVector.broadcast(SPECIES, a[at + 3 * stride + j]);
            l3 = left.fma(a3, l3);
            r3 = right.fma(a3, r3);
            FloatVector a4 = FloatVector.broadcast(SPECIES, a[at + 4 * stride + j]);
            l4 = left.fma(a4, l4);
            r4 = right.fma(a4, r4);
            FloatVector a5 = FloatVector.broadcast(SPECIES, a[at + 5 * stride + j]);
            l5 = left.fma(a5, l5);
            r5 = right.fma(a5, r5);
            FloatVector a6 = FloatVector.broadcast(SPECIES, a[at + 6 * stride + j]);
            l6 = left.fma(a6, l6);
            r6 = right.fma(a6, r6);
            FloatVector a7 = FloatVector.broadcast(SPECIES, a[at + 7 * stride + j]);
            l7 = left.fma(a7, l7);
            r7 = right.fma(a7, r7);
        }
        l0.intoArray(out0, to0);
        r0.intoArray(out1, to1);
        l1.intoArray(out0, to0 + outStride);
        r1.intoArray(out1, to1 + outStride);
        l2.intoArray(out0, to0 + 2 * outStride);
        r2.intoArray(out1, to1 + 2 * outStride);
        l3.intoArray(out0, to0 + 3 * outStride);
        r3.intoArray(out1, to1 + 3 * outStride);
        l4.intoArray(out0, to0 + 4 * outStride);
        r4.intoArray(out1, to1 + 4 * outStride);
        l5.intoArray(out0, to0 + 5 * outStride);
        r5.intoArray(out1, to1 + 5 * outStride);
        l6.intoArray(out0, to0 + 6 * outStride);
        r6.intoArray(out1, to1 + 6 * outStride);
        l7.intoArray(out0, to0 + 7 * outStride);
        r7.intoArray(out1, to1 + 7 * outStride);
    }

    /** {@link #byRows} with two {@code b} and {@code out}, where the sums begin: the compiler leaves vectors of a larger method on the heap. */
    static void addTwoByRows(
            float[] out0,
            int to0,
            float[] out1,
            int to1,
            int outStride,
            float[] a,
            int at,
            int stride,
            float[] b0,
            int from0,
            float[] b1,
            int from1,
            int bStride,
            int depth) {
        FloatVector l0 = FloatVector.fromArray(SPECIES, out0, to0);
        FloatVector r0 = FloatVector.fromArray(SPECIES, out1, to1);
        FloatVector l1 = FloatVector.fromArray(SPECIES, out0, to0 + outStride);
        FloatVector r1 = FloatVector.fromArray(SPECIES, out1, to1 + outStride);
        FloatVector l2 = FloatVector.fromArray(SPECIES, out0, to0 + 2 * outStride);
        FloatVector r2 = FloatVector.fromArray(SPECIES, out1, to1 + 2 * outStride);
        FloatVector l3 = FloatVector.fromArray(SPECIES, out0, to0 + 3 * outStride);
        FloatVector r3 = FloatVector.fromArray(SPECIES, out1, to1 + 3 * outStride);
        FloatVector l4 = FloatVector.fromArray(SPECIES, out0, to0 + 4 * outStride);
        FloatVector r4 = FloatVector.fromArray(SPECIES, out1, to1 + 4 * outStride);
        FloatVector l5 = FloatVector.fromArray(SPECIES, out0, to0 + 5 * outStride);
        FloatVector r5 = FloatVector.fromArray(SPECIES, out1, to1 + 5 * outStride);
        FloatVector l6 = FloatVector.fromArray(SPECIES, out0, to0 + 6 * outStride);
        FloatVector r6 = FloatVector.fromArray(SPECIES, out1, to1 + 6 * outStride);
        FloatVector l7 = FloatVector.fromArray(SPECIES, out0, to0 + 7 * outStride);
        FloatVector r7 = FloatVector.fromArray(SPECIES, out1, to1 + 7 * outStride);
        for (int j = 0; j < depth; j++) {
            FloatVector left = FloatVector.fromArray(SPECIES, b0, from0 + j * bStride);
            FloatVector right = FloatVector.fromArray(SPECIES, b1, from1 + j * bStride);
            FloatVector a0 = FloatVector.broadcast(SPECIES, a[at + j]);
            l0 = left.fma(a0, l0);
            r0 = right.fma(a0, r0);
            FloatVector a1 = FloatVector.broadcast(SPECIES, a[at + stride + j]);
            l1 = left.fma(a1, l1);
            r1 = right.fma(a1, r1);
            FloatVector a2 = FloatVector.broadcast(SPECIES, a[at + 2 * stride + j]);
            l2 = left.fma(a2, l2);
            r2 = right.fma(a2, r2);
            FloatVector a3 = FloatVector.broadcast(SPECIES, a[at + 3 * stride + j]);
            l3 = left.fma(a3, l3);
            r3 = right.fma(a3, r3);
            FloatVector a4 = FloatVector.broadcast(SPECIES, a[at + 4 * stride + j]);
            l4 = left.fma(a4, l4);
            r4 = right.fma(a4, r4);
            FloatVector a5 = FloatVector.broadcast(SPECIES, a[at + 5 * stride + j]);
            l5 = left.fma(a5, l5);
            r5 = right.fma(a5, r5);
            FloatVector a6 = FloatVector.broadcast(SPECIES, a[at + 6 * stride + j]);
            l6 = left.fma(a6, l6);
            r6 = right.fma(a6, r6);
            FloatVector a7 = FloatVector.broadcast(SPECIES, a[at + 7 * stride + j]);
            l7 = left.fma(a7, l7);
            r7 = right.fma(a7, r7);
        }
        l0.intoArray(out0, to0);
        r0.intoArray(out1, to1);
        l1.intoArray(out0, to0 + outStride);
        r1.intoArray(out1, to1 + outStride);
        l2.intoArray(out0, to0 + 2 * outStride);
        r2.intoArray(out1, to1 + 2 * outStride);
        l3.intoArray(out0, to0 + 3 * outStride);
        r3.intoArray(out1, to1 + 3 * outStride);
        l4.intoArray(out0, to0 + 4 * outStride);
        r4.intoArray(out1, to1 + 4 * outStride);
        l5.intoArray(out0, to0 + 5 * outStride);
        r5.intoArray(out1, to1 + 5 * outStride);
        l6.intoArray(out0, to0 + 6 * outStride);
        r6.intoArray(out1, to1 + 6 * outStride);
        l7.intoArray(out0, to0 + 7 * outStride);
        r7.intoArray(out1, to1 + 7 * outStride);
    }

    /** {@link #addByColumns} with two {@code b} and {@code out}, where the sums begin. */
    static void addTwoByColumns(
            float[] out0,
            int to0,
            float[] out1,
            int to1,
            int outStride,
            float[] a,
            int at,
            int stride,
            float[] b0,
            int from0,
            float[] b1,
            int from1,
            int bStride,
            int depth) {
        FloatVector l0 = FloatVector.fromArray(SPECIES, out0, to0);
        FloatVector r0 = FloatVector.fromArray(SPECIES, out1, to1);
        FloatVector l1 = FloatVector.fromArray(SPECIES, out0, to0 + outStride);
        FloatVector r1 = FloatVector.fromArray(SPECIES, out1, to1 + outStride);
        FloatVector l2 = FloatVector.fromArray(SPECIES, out0, to0 + 2 * outStride);
        FloatVector r2 = FloatVector.fromArray(SPECIES, out1, to1 + 2 * outStride);
        FloatVector l3 = FloatVector.fromArray(SPECIES, out0, to0 + 3 * outStride);
        FloatVector r3 = FloatVector.fromArray(SPECIES, out1, to1 + 3 * outStride);
        FloatVector l4 = FloatVector.fromArray(SPECIES, out0, to0 + 4 * outStride);
        FloatVector r4 = FloatVector.fromArray(SPECIES, out1, to1 + 4 * outStride);
        FloatVector l5 = FloatVector.fromArray(SPECIES, out0, to0 + 5 * outStride);
        FloatVector r5 = FloatVector.fromArray(SPECIES, out1, to1 + 5 * outStride);
        FloatVector l6 = FloatVector.fromArray(SPECIES, out0, to0 + 6 * outStride);
        FloatVector r6 = FloatVector.fromArray(SPECIES, out1, to1 + 6 * outStride);
        FloatVector l7 = FloatVector.fromArray(SPECIES, out0, to0 + 7 * outStride);
        FloatVector r7 = FloatVector.fromArray(SPECIES, out1, to1 + 7 * outStride);
        for (int j = 0; j < depth; j++) {
            FloatVector left = FloatVector.fromArray(SPECIES, b0, from0 + j * bStride);
            FloatVector right = FloatVector.fromArray(SPECIES, b1, from1 + j * bStride);
            int row = at + j * stride;
            FloatVector a0 = FloatVector.broadcast(SPECIES, a[row]);
            l0 = left.fma(a0, l0);
            r0 = right.fma(a0, r0);
            FloatVector a1 = FloatVector.broadcast(SPECIES, a[row + 1]);
            l1 = left.fma(a1, l1);
            r1 = right.fma(a1, r1);
            FloatVector a2 = FloatVector.broadcast(SPECIES, a[row + 2]);
            l2 = left.fma(a2, l2);
            r2 = right.fma(a2, r2);
            FloatVector a3 = FloatVector.broadcast(SPECIES, a[row + 3]);
            l3 = left.fma(a3, l3);
            r3 = right.fma(a3, r3);
            FloatVector a4 = FloatVector.broadcast(SPECIES, a[row + 4]);
            l4 = left.fma(a4, l4);
            r4 = right.fma(a4, r4);
            FloatVector a5 = FloatVector.broadcast(SPECIES, a[row + 5]);
            l5 = left.fma(a5, l5);
            r5 = right.fma(a5, r5);
            FloatVector a6 = FloatVector.broadcast(SPECIES, a[row + 6]);
            l6 = left.fma(a6, l6);
            r6 = right.fma(a6, r6);
            FloatVector a7 = FloatVector.broadcast(SPECIES, a[row + 7]);
            l7 = left.fma(a7, l7);
            r7 = right.fma(a7, r7);
        }
        l0.intoArray(out0, to0);
        r0.intoArray(out1, to1);
        l1.intoArray(out0, to0 + outStride);
        r1.intoArray(out1, to1 + outStride);
        l2.intoArray(out0, to0 + 2 * outStride);
        r2.intoArray(out1, to1 + 2 * outStride);
        l3.intoArray(out0, to0 + 3 * outStride);
        r3.intoArray(out1, to1 + 3 * outStride);
        l4.intoArray(out0, to0 + 4 * outStride);
        r4.intoArray(out1, to1 + 4 * outStride);
        l5.intoArray(out0, to0 + 5 * outStride);
        r5.intoArray(out1, to1 + 5 * outStride);
        l6.intoArray(out0, to0 + 6 * outStride);
        r6.intoArray(out1, to1 + 6 * outStride);
        l7.intoArray(out0, to0 + 7 * outStride);
        r7.intoArray(out1, to1 + 7 * outStride);
    }

    /**
     * {@code out (k, l) = sum over d of rows (k, at + d) * lanes (d, l)} for keys k of {@code from .. to - 1}, in whole groups; before {@code shared} for both vectors of lanes, from there on for the second alone.
     */
    static void scores(
            float[] out0,
            float[] out1,
            float[] rows,
            int at,
            int width,
            float[] lanes0,
            float[] lanes1,
            int dim,
            int from,
            int shared,
            int to) {
        for (int k = from; k < to; k += GROUP) {
            int row = at + k * width;
            if (k < shared) {
                twoByRows(out0, k * LANES, out1, k * LANES, LANES, rows, row, width, lanes0, 0, lanes1, 0, LANES, dim);
            } else {
                byRows(out1, k * LANES, LANES, rows, row, width, lanes1, 0, LANES, dim, false);
            }
        }
    }

    /** {@code out (d, l) += sum over k of rows (k, at + d) * weights (k, l)}; keys as in {@link #scores}. */
    static void addSums(
            float[] out0,
            float[] out1,
            float[] rows,
            int at,
            int width,
            float[] weights0,
            float[] weights1,
            int dim,
            int from,
            int shared,
            int to) {
        for (int d = 0; d < dim; d += GROUP) {
            int both = at + from * width + d;
            int alone = at + shared * width + d;
            int first = from * LANES;
            if (shared > from) {
                addTwoByColumns(
                        out0,
                        d * LANES,
                        out1,
                        d * LANES,
                        LANES,
                        rows,
                        both,
                        width,
                        weights0,
                        first,
                        weights1,
                        first,
                        LANES,
                        shared - from);
            }
            addByColumns(out1, d * LANES, LANES, rows, alone, width, weights1, shared * LANES, LANES, to - shared);
        }
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
