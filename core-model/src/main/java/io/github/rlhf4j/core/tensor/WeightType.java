package io.github.rlhf4j.core.tensor;

import io.github.rlhf4j.core.math.HalfFloats;

/** How the weights of a frozen model, or those that generation multiplies by, are held in memory; they are computed with as float32. */
public enum WeightType {
    /** 4 bytes each. */
    FLOAT32,
    /** 2 bytes each: what a file of this type holds, or the nearest to a float32 number, ties to even. */
    BFLOAT16,
    /** 8 bits each, and a float32 for each 64 neighbours of a row: their largest magnitude is 127. */
    INT8;

    /** Whether it is smaller than float32. */
    public boolean isCompact() {
        return this != FLOAT32;
    }

    /** The bytes of a matrix. */
    public long bytes(int rows, int columns) {
        return switch (this) {
            case FLOAT32 -> 4L * rows * columns;
            case BFLOAT16 -> 4L * rows * CompactMatrix.words(this, columns);
            case INT8 -> 4L * rows * (CompactMatrix.words(this, columns) + CompactMatrix.scales(this, columns));
        };
    }

    /** The nearest bfloat16, in the low half. */
    static int toBfloat16(float value) {
        return Short.toUnsignedInt(HalfFloats.toBfloat16(value));
    }
}
