package io.github.rlhf4j.core.kernels.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The sum of a vector's lanes in their order. {@code reduceLanes(ADD)} may add in any order: up to JDK 21 it adds in this one, on newer JDKs in another once it is compiled, and the same seed
 * would then not give the same bytes.
 */
final class LaneSum {
    private static final int LANES = VectorMath.LANES;
    private static final boolean ORDERED = Runtime.version().feature() < 22;

    private LaneSum() {}

    static float of(FloatVector vector) {
        return ORDERED ? vector.reduceLanes(VectorOperators.ADD) : inOrder(vector);
    }

    private static float inOrder(FloatVector vector) {
        float two = vector.lane(0) + vector.lane(1);
        float four = LANES > 2 ? two + vector.lane(2) + vector.lane(3) : two;
        float eight = LANES > 4 ? second(vector, four) : four;
        return LANES > 8 ? fourth(vector, third(vector, eight)) : eight;
    }

    private static float second(FloatVector vector, float sum) {
        return sum + vector.lane(4) + vector.lane(5) + vector.lane(6) + vector.lane(7);
    }

    private static float third(FloatVector vector, float sum) {
        return sum + vector.lane(8) + vector.lane(9) + vector.lane(10) + vector.lane(11);
    }

    private static float fourth(FloatVector vector, float sum) {
        return sum + vector.lane(12) + vector.lane(13) + vector.lane(14) + vector.lane(15);
    }
}
