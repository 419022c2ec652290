package io.github.rlhf4j.core.kernels;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** What attention with a query in each lane does between its products, key after key. Letters as in {@link LaneScratch}. */
final class LaneLoops {
    private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
    private static final int LANES = VectorMath.LANES;

    private LaneLoops() {}

    /** Scores that are not visible become so low that they are not the largest. */
    static void hide(float[] scores, int edge, int to, int position, int window) {
        for (int key = edge; key < to; key++) {
            FloatVector.fromArray(SPECIES, scores, key * LANES)
                    .add(LaneScratch.visible(key - position, window).sub(1).mul(Float.MAX_VALUE))
                    .intoArray(scores, key * LANES);
        }
    }

    static void maxima(float[] scores, int from, int to, float[] highest) {
        FloatVector max0 = FloatVector.broadcast(SPECIES, -Float.MAX_VALUE);
        FloatVector max1 = max0;
        FloatVector max2 = max0;
        FloatVector max3 = max0;
        for (int key = from; key < to; key += 4) { // whole groups; side by side, since each takes long
            max0 = max0.max(FloatVector.fromArray(SPECIES, scores, key * LANES));
            max1 = max1.max(FloatVector.fromArray(SPECIES, scores, (key + 1) * LANES));
            max2 = max2.max(FloatVector.fromArray(SPECIES, scores, (key + 2) * LANES));
            max3 = max3.max(FloatVector.fromArray(SPECIES, scores, (key + 3) * LANES));
        }
        max0.max(max1).max(max2.max(max3)).intoArray(highest, 0);
    }

    static void exponentiate(float[] scores, int from, int to, float[] highest, float[] sums) {
        FloatVector max = FloatVector.fromArray(SPECIES, highest, 0);
        FloatVector sum = FloatVector.zero(SPECIES);
        for (int key = from; key < to; key++) {
            FloatVector weight = VectorExp.weight(
                    FloatVector.fromArray(SPECIES, scores, key * LANES).sub(max));
            weight.intoArray(scores, key * LANES);
            sum = sum.add(weight);
        }
        sum.add(max.sub(max)).intoArray(sums, 0); // not finite where a score is not, which exp does not show
    }

    /** {@code lanes (d, l) /= sums (l)}. */
    static void normalize(float[] lanes, int headDim, float[] sums) {
        FloatVector factor = FloatVector.broadcast(SPECIES, 1).div(FloatVector.fromArray(SPECIES, sums, 0));
        for (int d = 0; d < headDim; d++) {
            FloatVector.fromArray(SPECIES, lanes, d * LANES).mul(factor).intoArray(lanes, d * LANES);
        }
    }

    /** What the softmax takes off every gradient of a weight: the sums of dOut * out over the channels. */
    static void delta(float[] delta, float[] outLanes, float[] dOutLanes, int headDim) {
        FloatVector sum = FloatVector.zero(SPECIES);
        for (int d = 0; d < headDim; d++) {
            sum = FloatVector.fromArray(SPECIES, outLanes, d * LANES)
                    .fma(FloatVector.fromArray(SPECIES, dOutLanes, d * LANES), sum);
        }
        sum.intoArray(delta, 0);
    }

    static void exponentiate(float[] scores, int keys, float scale, float[] logs) {
        FloatVector shift = FloatVector.fromArray(SPECIES, logs, 0);
        for (int k = 0; k < keys; k++) {
            FloatVector score = FloatVector.fromArray(SPECIES, scores, k * LANES);
            VectorExp.weight(score.mul(scale).sub(shift)).intoArray(scores, k * LANES);
        }
    }

    static void throughSoftmax(float[] dWeights, float[] weights, int keys, float scale, float[] deltas) {
        FloatVector delta = FloatVector.fromArray(SPECIES, deltas, 0);
        for (int k = 0; k < keys; k++) {
            FloatVector.fromArray(SPECIES, dWeights, k * LANES)
                    .sub(delta)
                    .mul(scale)
                    .mul(FloatVector.fromArray(SPECIES, weights, k * LANES))
                    .intoArray(dWeights, k * LANES);
        }
    }

    /** Zeros where keys {@code from .. to - 1} are not visible; key k is {@code k + ahead} positions ahead of the first lane. */
    static void mask(float[] weights, int from, int to, int ahead, int window) {
        for (int key = from; key < to; key++) {
            FloatVector.fromArray(SPECIES, weights, key * LANES)
                    .mul(LaneScratch.visible(key + ahead, window))
                    .intoArray(weights, key * LANES);
        }
    }
}
