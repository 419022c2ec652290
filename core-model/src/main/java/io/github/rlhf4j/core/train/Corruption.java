package io.github.rlhf4j.core.train;

/** Numbers in memory, or computed, that are not what they must be to the bit: a fault of the machine. */
public final class Corruption extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public Corruption(String message) {
        super(message);
    }
}
