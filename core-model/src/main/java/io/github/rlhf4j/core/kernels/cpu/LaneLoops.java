package io.github.rlhf4j.core.kernels.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** What attention with a query in each lane does between its products, key after key, for the vector of lanes that begins at {@code half}. Letters as in {@link LaneScratch}. */
final class LaneLoops {
    private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
    private static final int LANES = VectorMath.LANES;
    private static final int BLOCK = LaneProducts.BLOCK;

    private LaneLoops() {}

    /** Scores that are not visible become so low that they are not the largest. */
    static void hide(float[] scores, int half, int edge, int to, int position, int window) {
        for (int key = edge; key < to; key++) {
            FloatVector.fromArray(SPECIES, scores, key * BLOCK + half)
                    .add(LaneScratch.visible(key - position, window).sub(1).mul(Float.MAX_VALUE))
                    .intoArray(scores, key * BLOCK + half);
        }
    }

    static void maxima(float[] scores, int half, int from, int to, float[] highest) {
        FloatVector max0 = FloatVector.broadcast(SPECIES, -Float.MAX_VALUE);
        FloatVector max1 = max0;
        FloatVector max2 = max0;
        FloatVector max3 = max0;
        for (int key = from; key < to; key += 4) { // whole groups; side by side, since each takes long
            int at = key * BLOCK + half;
            max0 = max0.max(FloatVector.fromArray(SPECIES, scores, at));
            max1 = max1.max(FloatVector.fromArray(SPECIES, scores, at + BLOCK));
            max2 = max2.max(FloatVector.fromArray(SPECIES, scores, at + 2 * BLOCK));
            max3 = max3.max(FloatVector.fromArray(SPECIES, scores, at + 3 * BLOCK));
        }
        max0.max(max1).max(max2.max(max3)).intoArray(highest, half);
    }

    static void exponentiate(float[] scores, int half, int from, int to, float[] highest, float[] sums) {
        FloatVector max = FloatVector.fromArray(SPECIES, highest, half);
        FloatVector sum = FloatVector.zero(SPECIES);
        for (int key = from; key < to; key++) {
            int at = key * BLOCK + half;
            FloatVector weight =
                    VectorExp.weight(FloatVector.fromArray(SPECIES, scores, at).sub(max));
            weight.intoArray(scores, at);
            sum = weight.add(sum);
        }
        sum.add(max.sub(max)).intoArray(sums, half); // not finite where a score is not, which exp does not show
    }

    /** {@code rows (l, d) /= sums (l)} for {@code count} rows l that begin at {@code at}, whole vectors of channels d. */
    static void normalize(float[] rows, int at, int stride, int dim, float[] sums, int count) {
        for (int l = 0; l < count; l++) {
            FloatVector factor = FloatVector.broadcast(SPECIES, 1 / sums[l]);
            int row = at + l * stride;
            for (int d = 0; d < dim; d += LANES) {
                FloatVector.fromArray(SPECIES, rows, row + d).mul(factor).intoArray(rows, row + d);
            }
        }
    }

    /** What the softmax takes off every gradient of a weight: the sums of dOut * out over the channels. */
    static void delta(float[] delta, float[] outs, float[] dOuts, int at, int stride, int dim, int count) {
        for (int l = 0; l < count; l++) {
            int row = at + l * stride;
            int d = 0;
            FloatVector sums = FloatVector.zero(SPECIES);
            for (; d + LANES <= dim; d += LANES) {
                sums = FloatVector.fromArray(SPECIES, outs, row + d)
                        .fma(FloatVector.fromArray(SPECIES, dOuts, row + d), sums);
            }
            float sum = LaneSum.of(sums);
            for (; d < dim; d++) {
                sum = Math.fma(outs[row + d], dOuts[row + d], sum);
            }
            delta[l] = sum;
        }
    }

    /** Scores of the first {@code keys} become weights. */
    static void exponentiate(float[] scores, int half, int keys, float scale, float[] logs) {
        FloatVector factor = FloatVector.broadcast(SPECIES, scale);
        FloatVector shift = FloatVector.fromArray(SPECIES, logs, half).neg();
        for (int k = 0; k < keys; k++) {
            int at = k * BLOCK + half;
            FloatVector score = FloatVector.fromArray(SPECIES, scores, at);
            VectorExp.weight(score.fma(factor, shift)).intoArray(scores, at);
        }
    }

    static void throughSoftmax(float[] dWeights, float[] weights, int half, int keys, float scale, float[] deltas) {
        FloatVector delta = FloatVector.fromArray(SPECIES, deltas, half);
        for (int k = 0; k < keys; k++) {
            int at = k * BLOCK + half;
            FloatVector.fromArray(SPECIES, dWeights, at)
                    .sub(delta)
                    .mul(scale)
                    .mul(FloatVector.fromArray(SPECIES, weights, at))
                    .intoArray(dWeights, at);
        }
    }

    /** Zeros where keys {@code from .. to - 1} are not visible; key k is {@code k + ahead} positions ahead of the first lane. */
    static void mask(float[] weights, int half, int from, int to, int ahead, int window) {
        for (int key = from; key < to; key++) {
            FloatVector.fromArray(SPECIES, weights, key * BLOCK + half)
                    .mul(LaneScratch.visible(key + ahead, window))
                    .intoArray(weights, key * BLOCK + half);
        }
    }
}
