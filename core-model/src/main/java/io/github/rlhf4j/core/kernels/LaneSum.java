package io.github.rlhf4j.core.kernels;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/**
 * The sum of a vector's lanes, halves added to halves. {@code reduceLanes(ADD)} may add in any order, and on newer JDKs adds in another once it is compiled: the same seed would then not give
 * the same bytes.
 */
final class LaneSum {
    private static final int LANES = VectorMath.LANES;
    private static final VectorShuffle<Float> BY_8 = swap(8);
    private static final VectorShuffle<Float> BY_4 = swap(4);
    private static final VectorShuffle<Float> BY_2 = swap(2);
    private static final VectorShuffle<Float> BY_1 = swap(1);

    private LaneSum() {}

    private static VectorShuffle<Float> swap(int distance) {
        return VectorShuffle.fromOp(VectorMath.SPECIES, lane -> (lane ^ distance) % LANES);
    }

    static float of(FloatVector vector) {
        FloatVector sum = vector;
        if (LANES > 8) {
            sum = sum.add(sum.rearrange(BY_8));
        }
        if (LANES > 4) {
            sum = sum.add(sum.rearrange(BY_4));
        }
        if (LANES > 2) {
            sum = sum.add(sum.rearrange(BY_2));
        }
        return sum.add(sum.rearrange(BY_1)).lane(0);
    }
}
