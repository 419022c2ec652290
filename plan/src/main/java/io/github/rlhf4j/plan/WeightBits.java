package io.github.rlhf4j.plan;

/** How weights that are not trained are held. Scales of blocks are not counted. */
public enum WeightBits {
    FLOAT32(32),
    BFLOAT16(16),
    INT8(8),
    INT4(4);

    private final int bits;

    WeightBits(int bits) {
        this.bits = bits;
    }

    long bytes(long weights) {
        return weights * bits / 8;
    }
}
