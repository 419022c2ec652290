package io.github.rlhf4j.core.kernels.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Small matrix products over heap arrays: {@link #GROUP} rows of the result at a time, each one or two vectors wide, so that as many sums are on their way as hide the latency of fused multiply-add. Of the
 * first factor {@code a} every element meets whole vectors of the second, {@code b}.
 *
 * <p>Distances of a's rows are constants: the eight elements that a step takes then lie at fixed offsets from one address, and the loop runs at the rate of its multiplications; with variable
 * distances it took a quarter longer. So there is a loop for each such constant, here and in {@link PanelLoops}.
 */
final class LaneProducts {
    private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
    private static final int LANES = VectorMath.LANES;

    /** Rows of a product computed side by side; numbers of rows are whole multiples. */
    static final int GROUP = 8;

    /** Query rows side by side, in the lanes of two vectors: the distance of rows of weights and of transposed queries. */
    static final int BLOCK = 2 * LANES;

    /** The distance of staged rows of keys and values. */
    static final int ROW = 64;

    private LaneProducts() {}

    /** {@code n} to the next whole group. */
    static int roundUp(int n) {
        return (n + GROUP - 1) / GROUP * GROUP;
    }

    /**
     * {@code out (k, l) = sum over d of rows (k, d) * lanes (d, l)} for staged rows k of {@code from .. to - 1}, in whole groups: before {@code shared} for both vectors of lanes, from there on for the one
     * that begins at {@code last}.
     *
     * @param at of row 0's first channel
     */
    static void scores(
            float[] out, float[] rows, int at, float[] lanes, int dim, int from, int shared, int to, int last) {
        for (int k = from; k < to; k += GROUP) {
            if (k < shared) {
                twoScores(out, k * BLOCK, rows, at + k * ROW, lanes, dim);
            } else {
                oneScores(out, k * BLOCK + last, rows, at + k * ROW, lanes, last, dim);
            }
        }
    }

    /** {@code out (i, d) += sum over j of a (j, i) * b (j, d)} for GROUP lanes i of weights, {@code depth} staged rows j and {@code dim} channels d, padded to whole vectors. */
    static void addToQueries(
            float[] out, int to, int outStride, float[] a, int at, float[] b, int from, int depth, int dim) {
        int d = 0;
        for (; d + LANES < dim; d += 2 * LANES) {
            twoToQueries(out, to + d, outStride, a, at, b, from + d, depth);
        }
        if (d < dim) {
            oneToQueries(out, to + d, outStride, a, at, b, from + d, depth);
        }
    }

    /** {@code out (i, d) += sum over j of a (i, j) * b (j, d)} for GROUP rows i of weights, {@code depth} lanes j and {@code dim} channels d, padded to whole vectors. */
    static void addToKeys(
            float[] out,
            int to,
            int outStride,
            float[] a,
            int at,
            float[] b,
            int from,
            int stride,
            int depth,
            int dim) {
        int d = 0;
        for (; d + LANES < dim; d += 2 * LANES) {
            twoToKeys(out, to + d, outStride, a, at, b, from + d, stride, depth);
        }
        if (d < dim) {
            oneToKeys(out, to + d, outStride, a, at, b, from + d, stride, depth);
        }
    }

    /** {@code out (i, l) = sum over j of a (i, j) * b (j, l)} for GROUP staged rows i and both vectors of lanes. */
    static void twoScores(float[] out, int to, float[] a, int at, float[] b, int depth) {
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
            FloatVector left = FloatVector.fromArray(SPECIES, b, j * BLOCK);
            FloatVector right = FloatVector.fromArray(SPECIES, b, j * BLOCK + LANES);
            FloatVector a0 = FloatVector.broadcast(SPECIES, a[at + j]);
            l0 = left.fma(a0, l0);
            r0 = right.fma(a0, r0);
            FloatVector a1 = FloatVector.broadcast(SPECIES, a[at + ROW + j]);
            l1 = left.fma(a1, l1);
            r1 = right.fma(a1, r1);
            FloatVector a2 = FloatVector.broadcast(SPECIES, a[at + 2 * ROW + j]);
            l2 = left.fma(a2, l2);
            r2 = right.fma(a2, r2);
            FloatVector a3 = FloatVector.broadcast(SPECIES, a[at + 3 * ROW + j]);
            l3 = left.fma(a3, l3);
            r3 = right.fma(a3, r3);
            FloatVector a4 = FloatVector.broadcast(SPECIES, a[at + 4 * ROW + j]);
            l4 = left.fma(a4, l4);
            r4 = right.fma(a4, r4);
            FloatVector a5 = FloatVector.broadcast(SPECIES, a[at + 5 * ROW + j]);
            l5 = left.fma(a5, l5);
            r5 = right.fma(a5, r5);
            FloatVector a6 = FloatVector.broadcast(SPECIES, a[at + 6 * ROW + j]);
            l6 = left.fma(a6, l6);
            r6 = right.fma(a6, r6);
            FloatVector a7 = FloatVector.broadcast(SPECIES, a[at + 7 * ROW + j]);
            l7 = left.fma(a7, l7);
            r7 = right.fma(a7, r7);
        }
        l0.intoArray(out, to);
        r0.intoArray(out, to + LANES);
        l1.intoArray(out, to + BLOCK);
        r1.intoArray(out, to + BLOCK + LANES);
        l2.intoArray(out, to + 2 * BLOCK);
        r2.intoArray(out, to + 2 * BLOCK + LANES);
        l3.intoArray(out, to + 3 * BLOCK);
        r3.intoArray(out, to + 3 * BLOCK + LANES);
        l4.intoArray(out, to + 4 * BLOCK);
        r4.intoArray(out, to + 4 * BLOCK + LANES);
        l5.intoArray(out, to + 5 * BLOCK);
        r5.intoArray(out, to + 5 * BLOCK + LANES);
        l6.intoArray(out, to + 6 * BLOCK);
        r6.intoArray(out, to + 6 * BLOCK + LANES);
        l7.intoArray(out, to + 7 * BLOCK);
        r7.intoArray(out, to + 7 * BLOCK + LANES);
    }

    /** {@link #twoScores} for the vector of lanes that begins at {@code from}. */
    static void oneScores(float[] out, int to, float[] a, int at, float[] b, int from, int depth) {
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = FloatVector.zero(SPECIES);
        FloatVector s2 = FloatVector.zero(SPECIES);
        FloatVector s3 = FloatVector.zero(SPECIES);
        FloatVector s4 = FloatVector.zero(SPECIES);
        FloatVector s5 = FloatVector.zero(SPECIES);
        FloatVector s6 = FloatVector.zero(SPECIES);
        FloatVector s7 = FloatVector.zero(SPECIES);
        for (int j = 0; j < depth; j++) {
            FloatVector row = FloatVector.fromArray(SPECIES, b, from + j * BLOCK);
            s0 = row.fma(FloatVector.broadcast(SPECIES, a[at + j]), s0);
            s1 = row.fma(FloatVector.broadcast(SPECIES, a[at + ROW + j]), s1);
            s2 = row.fma(FloatVector.broadcast(SPECIES, a[at + 2 * ROW + j]), s2);
            s3 = row.fma(FloatVector.broadcast(SPECIES, a[at + 3 * ROW + j]), s3);
            s4 = row.fma(FloatVector.broadcast(SPECIES, a[at + 4 * ROW + j]), s4);
            s5 = row.fma(FloatVector.broadcast(SPECIES, a[at + 5 * ROW + j]), s5);
            s6 = row.fma(FloatVector.broadcast(SPECIES, a[at + 6 * ROW + j]), s6);
            s7 = row.fma(FloatVector.broadcast(SPECIES, a[at + 7 * ROW + j]), s7);
        }
        s0.intoArray(out, to);
        s1.intoArray(out, to + BLOCK);
        s2.intoArray(out, to + 2 * BLOCK);
        s3.intoArray(out, to + 3 * BLOCK);
        s4.intoArray(out, to + 4 * BLOCK);
        s5.intoArray(out, to + 5 * BLOCK);
        s6.intoArray(out, to + 6 * BLOCK);
        s7.intoArray(out, to + 7 * BLOCK);
    }

    /** {@code out (i, d) += sum over j of a (j, i) * b (j, d)} for GROUP lanes i of weights, staged rows j and two vectors of channels. */
    static void twoToQueries(float[] out, int to, int outStride, float[] a, int at, float[] b, int from, int depth) {
        FloatVector l0 = FloatVector.fromArray(SPECIES, out, to);
        FloatVector r0 = FloatVector.fromArray(SPECIES, out, to + LANES);
        FloatVector l1 = FloatVector.fromArray(SPECIES, out, to + outStride);
        FloatVector r1 = FloatVector.fromArray(SPECIES, out, to + outStride + LANES);
        FloatVector l2 = FloatVector.fromArray(SPECIES, out, to + 2 * outStride);
        FloatVector r2 = FloatVector.fromArray(SPECIES, out, to + 2 * outStride + LANES);
        FloatVector l3 = FloatVector.fromArray(SPECIES, out, to + 3 * outStride);
        FloatVector r3 = FloatVector.fromArray(SPECIES, out, to + 3 * outStride + LANES);
        FloatVector l4 = FloatVector.fromArray(SPECIES, out, to + 4 * outStride);
        FloatVector r4 = FloatVector.fromArray(SPECIES, out, to + 4 * outStride + LANES);
        FloatVector l5 = FloatVector.fromArray(SPECIES, out, to + 5 * outStride);
        FloatVector r5 = FloatVector.fromArray(SPECIES, out, to + 5 * outStride + LANES);
        FloatVector l6 = FloatVector.fromArray(SPECIES, out, to + 6 * outStride);
        FloatVector r6 = FloatVector.fromArray(SPECIES, out, to + 6 * outStride + LANES);
        FloatVector l7 = FloatVector.fromArray(SPECIES, out, to + 7 * outStride);
        FloatVector r7 = FloatVector.fromArray(SPECIES, out, to + 7 * outStride + LANES);
        for (int j = 0; j < depth; j++) {
            FloatVector left = FloatVector.fromArray(SPECIES, b, from + j * ROW);
            FloatVector right = FloatVector.fromArray(SPECIES, b, from + j * ROW + LANES);
            FloatVector a0 = FloatVector.broadcast(SPECIES, a[at + j * BLOCK]);
            l0 = left.fma(a0, l0);
            r0 = right.fma(a0, r0);
            FloatVector a1 = FloatVector.broadcast(SPECIES, a[at + j * BLOCK + 1]);
            l1 = left.fma(a1, l1);
            r1 = right.fma(a1, r1);
            FloatVector a2 = FloatVector.broadcast(SPECIES, a[at + j * BLOCK + 2]);
            l2 = left.fma(a2, l2);
            r2 = right.fma(a2, r2);
            FloatVector a3 = FloatVector.broadcast(SPECIES, a[at + j * BLOCK + 3]);
            l3 = left.fma(a3, l3);
            r3 = right.fma(a3, r3);
            FloatVector a4 = FloatVector.broadcast(SPECIES, a[at + j * BLOCK + 4]);
            l4 = left.fma(a4, l4);
            r4 = right.fma(a4, r4);
            FloatVector a5 = FloatVector.broadcast(SPECIES, a[at + j * BLOCK + 5]);
            l5 = left.fma(a5, l5);
            r5 = right.fma(a5, r5);
            FloatVector a6 = FloatVector.broadcast(SPECIES, a[at + j * BLOCK + 6]);
            l6 = left.fma(a6, l6);
            r6 = right.fma(a6, r6);
            FloatVector a7 = FloatVector.broadcast(SPECIES, a[at + j * BLOCK + 7]);
            l7 = left.fma(a7, l7);
            r7 = right.fma(a7, r7);
        }
        l0.intoArray(out, to);
        r0.intoArray(out, to + LANES);
        l1.intoArray(out, to + outStride);
        r1.intoArray(out, to + outStride + LANES);
        l2.intoArray(out, to + 2 * outStride);
        r2.intoArray(out, to + 2 * outStride + LANES);
        l3.intoArray(out, to + 3 * outStride);
        r3.intoArray(out, to + 3 * outStride + LANES);
        l4.intoArray(out, to + 4 * outStride);
        r4.intoArray(out, to + 4 * outStride + LANES);
        l5.intoArray(out, to + 5 * outStride);
        r5.intoArray(out, to + 5 * outStride + LANES);
        l6.intoArray(out, to + 6 * outStride);
        r6.intoArray(out, to + 6 * outStride + LANES);
        l7.intoArray(out, to + 7 * outStride);
        r7.intoArray(out, to + 7 * outStride + LANES);
    }

    /** {@link #twoToQueries} for one vector of channels. */
    static void oneToQueries(float[] out, int to, int outStride, float[] a, int at, float[] b, int from, int depth) {
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = FloatVector.zero(SPECIES);
        FloatVector s2 = FloatVector.zero(SPECIES);
        FloatVector s3 = FloatVector.zero(SPECIES);
        FloatVector s4 = FloatVector.zero(SPECIES);
        FloatVector s5 = FloatVector.zero(SPECIES);
        FloatVector s6 = FloatVector.zero(SPECIES);
        FloatVector s7 = FloatVector.zero(SPECIES);
        for (int j = 0; j < depth; j++) {
            FloatVector row = FloatVector.fromArray(SPECIES, b, from + j * ROW);
            s0 = row.fma(FloatVector.broadcast(SPECIES, a[at + j * BLOCK]), s0);
            s1 = row.fma(FloatVector.broadcast(SPECIES, a[at + j * BLOCK + 1]), s1);
            s2 = row.fma(FloatVector.broadcast(SPECIES, a[at + j * BLOCK + 2]), s2);
            s3 = row.fma(FloatVector.broadcast(SPECIES, a[at + j * BLOCK + 3]), s3);
            s4 = row.fma(FloatVector.broadcast(SPECIES, a[at + j * BLOCK + 4]), s4);
            s5 = row.fma(FloatVector.broadcast(SPECIES, a[at + j * BLOCK + 5]), s5);
            s6 = row.fma(FloatVector.broadcast(SPECIES, a[at + j * BLOCK + 6]), s6);
            s7 = row.fma(FloatVector.broadcast(SPECIES, a[at + j * BLOCK + 7]), s7);
        }
        add(s0, out, to);
        add(s1, out, to + outStride);
        add(s2, out, to + 2 * outStride);
        add(s3, out, to + 3 * outStride);
        add(s4, out, to + 4 * outStride);
        add(s5, out, to + 5 * outStride);
        add(s6, out, to + 6 * outStride);
        add(s7, out, to + 7 * outStride);
    }

    /** {@code out (i, d) += sum over j of a (i, j) * b (j, d)} for GROUP rows i of weights, lanes j and two vectors of channels. */
    static void twoToKeys(
            float[] out, int to, int outStride, float[] a, int at, float[] b, int from, int stride, int depth) {
        FloatVector l0 = FloatVector.fromArray(SPECIES, out, to);
        FloatVector r0 = FloatVector.fromArray(SPECIES, out, to + LANES);
        FloatVector l1 = FloatVector.fromArray(SPECIES, out, to + outStride);
        FloatVector r1 = FloatVector.fromArray(SPECIES, out, to + outStride + LANES);
        FloatVector l2 = FloatVector.fromArray(SPECIES, out, to + 2 * outStride);
        FloatVector r2 = FloatVector.fromArray(SPECIES, out, to + 2 * outStride + LANES);
        FloatVector l3 = FloatVector.fromArray(SPECIES, out, to + 3 * outStride);
        FloatVector r3 = FloatVector.fromArray(SPECIES, out, to + 3 * outStride + LANES);
        FloatVector l4 = FloatVector.fromArray(SPECIES, out, to + 4 * outStride);
        FloatVector r4 = FloatVector.fromArray(SPECIES, out, to + 4 * outStride + LANES);
        FloatVector l5 = FloatVector.fromArray(SPECIES, out, to + 5 * outStride);
        FloatVector r5 = FloatVector.fromArray(SPECIES, out, to + 5 * outStride + LANES);
        FloatVector l6 = FloatVector.fromArray(SPECIES, out, to + 6 * outStride);
        FloatVector r6 = FloatVector.fromArray(SPECIES, out, to + 6 * outStride + LANES);
        FloatVector l7 = FloatVector.fromArray(SPECIES, out, to + 7 * outStride);
        FloatVector r7 = FloatVector.fromArray(SPECIES, out, to + 7 * outStride + LANES);
        for (int j = 0; j < depth; j++) {
            FloatVector left = FloatVector.fromArray(SPECIES, b, from + j * stride);
            FloatVector right = FloatVector.fromArray(SPECIES, b, from + j * stride + LANES);
            FloatVector a0 = FloatVector.broadcast(SPECIES, a[at + j]);
            l0 = left.fma(a0, l0);
            r0 = right.fma(a0, r0);
            FloatVector a1 = FloatVector.broadcast(SPECIES, a[at + BLOCK + j]);
            l1 = left.fma(a1, l1);
            r1 = right.fma(a1, r1);
            FloatVector a2 = FloatVector.broadcast(SPECIES, a[at + 2 * BLOCK + j]);
            l2 = left.fma(a2, l2);
            r2 = right.fma(a2, r2);
            FloatVector a3 = FloatVector.broadcast(SPECIES, a[at + 3 * BLOCK + j]);
            l3 = left.fma(a3, l3);
            r3 = right.fma(a3, r3);
            FloatVector a4 = FloatVector.broadcast(SPECIES, a[at + 4 * BLOCK + j]);
            l4 = left.fma(a4, l4);
            r4 = right.fma(a4, r4);
            FloatVector a5 = FloatVector.broadcast(SPECIES, a[at + 5 * BLOCK + j]);
            l5 = left.fma(a5, l5);
            r5 = right.fma(a5, r5);
            FloatVector a6 = FloatVector.broadcast(SPECIES, a[at + 6 * BLOCK + j]);
            l6 = left.fma(a6, l6);
            r6 = right.fma(a6, r6);
            FloatVector a7 = FloatVector.broadcast(SPECIES, a[at + 7 * BLOCK + j]);
            l7 = left.fma(a7, l7);
            r7 = right.fma(a7, r7);
        }
        l0.intoArray(out, to);
        r0.intoArray(out, to + LANES);
        l1.intoArray(out, to + outStride);
        r1.intoArray(out, to + outStride + LANES);
        l2.intoArray(out, to + 2 * outStride);
        r2.intoArray(out, to + 2 * outStride + LANES);
        l3.intoArray(out, to + 3 * outStride);
        r3.intoArray(out, to + 3 * outStride + LANES);
        l4.intoArray(out, to + 4 * outStride);
        r4.intoArray(out, to + 4 * outStride + LANES);
        l5.intoArray(out, to + 5 * outStride);
        r5.intoArray(out, to + 5 * outStride + LANES);
        l6.intoArray(out, to + 6 * outStride);
        r6.intoArray(out, to + 6 * outStride + LANES);
        l7.intoArray(out, to + 7 * outStride);
        r7.intoArray(out, to + 7 * outStride + LANES);
    }

    /** {@link #twoToKeys} for one vector of channels. */
    static void oneToKeys(
            float[] out, int to, int outStride, float[] a, int at, float[] b, int from, int stride, int depth) {
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = FloatVector.zero(SPECIES);
        FloatVector s2 = FloatVector.zero(SPECIES);
        FloatVector s3 = FloatVector.zero(SPECIES);
        FloatVector s4 = FloatVector.zero(SPECIES);
        FloatVector s5 = FloatVector.zero(SPECIES);
        FloatVector s6 = FloatVector.zero(SPECIES);
        FloatVector s7 = FloatVector.zero(SPECIES);
        for (int j = 0; j < depth; j++) {
            FloatVector row = FloatVector.fromArray(SPECIES, b, from + j * stride);
            s0 = row.fma(FloatVector.broadcast(SPECIES, a[at + j]), s0);
            s1 = row.fma(FloatVector.broadcast(SPECIES, a[at + BLOCK + j]), s1);
            s2 = row.fma(FloatVector.broadcast(SPECIES, a[at + 2 * BLOCK + j]), s2);
            s3 = row.fma(FloatVector.broadcast(SPECIES, a[at + 3 * BLOCK + j]), s3);
            s4 = row.fma(FloatVector.broadcast(SPECIES, a[at + 4 * BLOCK + j]), s4);
            s5 = row.fma(FloatVector.broadcast(SPECIES, a[at + 5 * BLOCK + j]), s5);
            s6 = row.fma(FloatVector.broadcast(SPECIES, a[at + 6 * BLOCK + j]), s6);
            s7 = row.fma(FloatVector.broadcast(SPECIES, a[at + 7 * BLOCK + j]), s7);
        }
        add(s0, out, to);
        add(s1, out, to + outStride);
        add(s2, out, to + 2 * outStride);
        add(s3, out, to + 3 * outStride);
        add(s4, out, to + 4 * outStride);
        add(s5, out, to + 5 * outStride);
        add(s6, out, to + 6 * outStride);
        add(s7, out, to + 7 * outStride);
    }

    /** Sums of one product are added up before they meet what was there: its rounding error grows with the number of products only. */
    private static void add(FloatVector sum, float[] out, int at) {
        sum.add(FloatVector.fromArray(SPECIES, out, at)).intoArray(out, at);
    }
}
