package io.github.rlhf4j.core.tensor;

/** The element type of a {@link Tensor}: FLOAT everywhere in production, DOUBLE for the oracle and for gradient checks. */
public enum DataType {
    FLOAT(4),
    DOUBLE(8);

    private final int bytes;

    DataType(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }
}
