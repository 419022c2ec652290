package io.github.rlhf4j.core.kernels;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The exponential function of a vector, to be inlined into loops. */
final class VectorExp {
    private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
    /** Beyond this, either way, exp stays as it is; float32's smallest normal number is e^-87.336. */
    private static final int EXP_FARTHEST_BITS = Float.floatToRawIntBits(87.3f);

    private static final float LOG2_E = 1.44269504f;

    private VectorExp() {}

    /**
     * e^x within 1 ulp (measured) for x in -87.3 .. 87.3, clamped beyond; the same bits on every JDK and processor with fused multiply-add. Source of the polynomial: Cephes expf.
     *
     * <p>A NaN is clamped too: its sign alone remains. It is clamped as an integer, since Java's floating-point maximum costs as much as half of the polynomial; whoever must see a NaN
     * sees it in what x was made of.
     */
    static FloatVector exp(FloatVector x) {
        IntVector bits = x.reinterpretAsInts();
        FloatVector clamped = bits.and(Integer.MAX_VALUE)
                .min(EXP_FARTHEST_BITS)
                .or(bits.and(Integer.MIN_VALUE))
                .reinterpretAsFloats();
        return inside(clamped);
    }

    /** {@link #exp} of -|x|, cheaper. */
    static FloatVector ofNegative(FloatVector x) {
        return inside(x.reinterpretAsInts()
                .or(Integer.MIN_VALUE)
                .min(EXP_FARTHEST_BITS | Integer.MIN_VALUE)
                .reinterpretAsFloats());
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
