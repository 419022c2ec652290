package io.github.rlhf4j.core.math;

/** Conversions between float and the two 16-bit formats (JDK 17 has none). */
public final class HalfFloats {
    private static final int FLOAT16_MIN_NORMAL = 0x38800000; // 2^-14
    private static final int FLOAT16_OVERFLOW = 0x477FF000; // 65520, which rounds to infinity
    private static final int INFINITY = 0x7F800000;

    private HalfFloats() {}

    /** The upper half of a float. */
    public static float fromBfloat16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** Rounds to nearest, ties to even; a NaN stays one. */
    public static short toBfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) ((bits >>> 16) | 0x40); // quiet, so that dropping low bits cannot make it infinite
        }
        return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
    }

    /** IEEE 754 binary16: 1 sign bit, 5 exponent bits (bias 15), 10 fraction bits. */
    public static float fromFloat16(short bits) {
        int sign = (bits & 0x8000) << 16;
        int exponent = (bits >>> 10) & 0x1F;
        int fraction = bits & 0x3FF;
        if (exponent == 0x1F) {
            return Float.intBitsToFloat(sign | INFINITY | (fraction << 13));
        }
        if (exponent == 0) {
            float magnitude = fraction * 0x1p-24f; // subnormal, exact in float
            return sign == 0 ? magnitude : -magnitude;
        }
        return Float.intBitsToFloat(sign | ((exponent + 112) << 23) | (fraction << 13));
    }

    /** Rounds to nearest, ties to even; from 65520 on it is infinite, a NaN stays one. */
    public static short toFloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = (bits >>> 16) & 0x8000;
        int magnitude = bits & 0x7FFFFFFF;
        if (magnitude > INFINITY) {
            return (short) (sign | 0x7E00);
        }
        if (magnitude >= FLOAT16_OVERFLOW) {
            return (short) (sign | 0x7C00);
        }
        if (magnitude < FLOAT16_MIN_NORMAL) {
            return (short) (sign | (int) Math.rint(Math.abs(value) * 0x1p24f)); // the product is exact
        }
        int rounded = magnitude + 0xFFF + ((magnitude >>> 13) & 1);
        return (short) (sign | ((rounded - (112 << 23)) >>> 13));
    }
}
