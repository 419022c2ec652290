package io.github.rlhf4j.core.gguf;

/** Whole numbers next to floats, as ggml rounds. */
final class Nearest {
    private static final float MAGIC = 12582912; // 1.5 * 2^23: what is added to it loses its fraction

    private Nearest() {}

    /** C's roundf: ties away from zero. */
    static int awayFromZero(float value) {
        int magnitude = (int) Math.floor(Math.abs((double) value) + 0.5);
        return value < 0 ? -magnitude : magnitude;
    }

    /** Ties to even, for magnitudes below 2^22. */
    static int even(float value) {
        return (Float.floatToRawIntBits(value + MAGIC) & 0x007FFFFF) - 0x00400000;
    }

    /** The same within [least, most]. */
    static int even(float value, int least, int most) {
        return Math.max(least, Math.min(most, even(value)));
    }
}
