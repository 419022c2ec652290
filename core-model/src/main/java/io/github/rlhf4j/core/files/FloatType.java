package io.github.rlhf4j.core.files;

/** How safetensors stores a floating-point number; in memory it is always a float. */
public enum FloatType {
    F64(8),
    F32(4),
    F16(2),
    BF16(2);

    private final int bytes;

    FloatType(int bytes) {
        this.bytes = bytes;
    }

    /** Size of one number in bytes. */
    public int bytes() {
        return bytes;
    }
}
