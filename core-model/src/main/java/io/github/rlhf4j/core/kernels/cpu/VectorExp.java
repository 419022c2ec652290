package io.github.rlhf4j.core.kernels.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The exponential function of a vector, to be inlined into loops. */
final class VectorExp {
    private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
    /**
     * Beyond this, either way, exp stays as it is. Far inside the range of normal numbers (e^-87.3): what weights and gradients make of the smallest results must be normal too, since Intel's processors take
     * about a hundred times as long for the others.
     */
    private static final float FARTHEST = 50;

    private static final int FARTHEST_BITS = Float.floatToRawIntBits(FARTHEST);
    private static final float LOG2_E = 1.44269504f;
    /** e^-50, 1.9e-22, to the bit as {@link #inside} has it. */
    private static final float SMALLEST =
            inside(FloatVector.broadcast(SPECIES, -FARTHEST)).lane(0);

    private VectorExp() {}

    /**
     * e^x within 1 ulp (measured) for x in -50 .. 50, clamped beyond; the same bits on every JDK and processor with fused multiply-add. Source of the polynomial: Cephes expf.
     *
     * <p>A NaN is clamped too: its sign alone remains. It is clamped as an integer, since Java's floating-point maximum costs as much as half of the polynomial; whoever must see a NaN
     * sees it in what x was made of.
     */
    static FloatVector exp(FloatVector x) {
        IntVector bits = x.reinterpretAsInts();
        FloatVector clamped = bits.and(Integer.MAX_VALUE)
                .min(FARTHEST_BITS)
                .or(bits.and(Integer.MIN_VALUE))
                .reinterpretAsFloats();
        return inside(clamped);
    }

    /** e^-|x| - e^-50, so 0 from -50 on: the weights of a softmax before they are divided by their sum, which is at least 1. */
    static FloatVector weight(FloatVector x) {
        return inside(x.reinterpretAsInts()
                        .or(Integer.MIN_VALUE)
                        .min(FARTHEST_BITS | Integer.MIN_VALUE)
                        .reinterpretAsFloats())
                .sub(SMALLEST);
    }

    private static FloatVector inside(FloatVector clamped) {
        FloatVector shifted =
                clamped.fma(FloatVector.broadcast(SPECIES, LOG2_E), FloatVector.broadcast(SPECIES, VectorMath.ROUNDER));
        FloatVector exponent = shifted.sub(VectorMath.ROUNDER);
        FloatVector r = exponent.fma(FloatVector.broadcast(SPECIES, -VectorMath.LN2_HIGH), clamped);
        r = exponent.fma(FloatVector.broadcast(SPECIES, -VectorMath.LN2_LOW), r);
        FloatVector p = FloatVector.broadcast(SPECIES, 1.9875691500e-4f);
        p = p.fma(r, FloatVector.broadcast(SPECIES, 1.3981999507e-3f));
        p = p.fma(r, FloatVector.broadcast(SPECIES, 8.3334519073e-3f));
        p = p.fma(r, FloatVector.broadcast(SPECIES, 4.1665795894e-2f));
        p = p.fma(r, FloatVector.broadcast(SPECIES, 1.6666665459e-1f));
        p = p.fma(r, FloatVector.broadcast(SPECIES, 5.0000001201e-1f));
        p = p.mul(r).fma(r, r).add(1f);
        return p.reinterpretAsInts()
                .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
                .reinterpretAsFloats();
    }
}
