package io.github.rlhf4j.core.kernels;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** One head's query over one staged page of {@link CacheLayout}. */
final class DecodeLoops {
    private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
    private static final int LANES = VectorMath.LANES;
    private static final int PAGE = CacheLayout.PAGE;

    private DecodeLoops() {}

    /** {@code scores[to + p] = scale * sum over d of query[at + d] * keys[d, p]}. */
    static void score(float[] scores, int to, float[] query, int at, int dim, float[] page, int keys, float scale) {
        for (int p = 0; p < PAGE; p += 2 * LANES) {
            FloatVector left0 = FloatVector.zero(SPECIES);
            FloatVector right0 = FloatVector.zero(SPECIES);
            FloatVector left1 = FloatVector.zero(SPECIES);
            FloatVector right1 = FloatVector.zero(SPECIES);
            int from = keys + p;
            int d = 0;
            for (; d + 1 < dim; d += 2) {
                FloatVector q0 = FloatVector.broadcast(SPECIES, query[at + d]);
                left0 = FloatVector.fromArray(SPECIES, page, from + d * PAGE).fma(q0, left0);
                right0 = FloatVector.fromArray(SPECIES, page, from + d * PAGE + LANES)
                        .fma(q0, right0);
                FloatVector q1 = FloatVector.broadcast(SPECIES, query[at + d + 1]);
                left1 = FloatVector.fromArray(SPECIES, page, from + d * PAGE + PAGE)
                        .fma(q1, left1);
                right1 = FloatVector.fromArray(SPECIES, page, from + d * PAGE + PAGE + LANES)
                        .fma(q1, right1);
            }
            if (d < dim) {
                FloatVector q = FloatVector.broadcast(SPECIES, query[at + d]);
                left0 = FloatVector.fromArray(SPECIES, page, from + d * PAGE).fma(q, left0);
                right0 = FloatVector.fromArray(SPECIES, page, from + d * PAGE + LANES)
                        .fma(q, right0);
            }
            left0.add(left1).mul(scale).intoArray(scores, to + p);
            right0.add(right1).mul(scale).intoArray(scores, to + p + LANES);
        }
    }

    /**
     * {@code outs[at + d] += sum over the first positions p of weights[from + p] * values[p, d]}. Lanes beyond D of a last vector hold something of the next position; they are never read.
     */
    static void addValues(
            float[] outs, int at, int dim, float[] page, int values, float[] weights, int from, int positions) {
        for (int d = 0; d < dim; d += LANES) {
            FloatVector even = FloatVector.fromArray(SPECIES, outs, at + d);
            FloatVector odd = FloatVector.zero(SPECIES);
            int p = 0;
            for (; p + 1 < positions; p += 2) {
                even = FloatVector.fromArray(SPECIES, page, values + p * dim + d)
                        .fma(FloatVector.broadcast(SPECIES, weights[from + p]), even);
                odd = FloatVector.fromArray(SPECIES, page, values + (p + 1) * dim + d)
                        .fma(FloatVector.broadcast(SPECIES, weights[from + p + 1]), odd);
            }
            if (p < positions) {
                even = FloatVector.fromArray(SPECIES, page, values + p * dim + d)
                        .fma(FloatVector.broadcast(SPECIES, weights[from + p]), even);
            }
            even.add(odd).intoArray(outs, at + d);
        }
    }
}
