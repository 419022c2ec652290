package io.github.rlhf4j.core.train;

import io.github.rlhf4j.core.CounterRandom;

/** A keyed permutation of 0 .. size - 1 by index: a Feistel network of four rounds over the next even power of two, walking cycles until it is inside. Nothing is stored. */
public final class Permutation {
    private static final int ROUNDS = 4;

    private final long size;
    private final int halfBits;
    private final CounterRandom random;

    public Permutation(long size, CounterRandom random) {
        if (size <= 0) {
            throw new IllegalArgumentException("size must be > 0, but is " + size);
        }
        this.size = size;
        int bits = Math.max(2, Long.SIZE - Long.numberOfLeadingZeros(size - 1));
        this.halfBits = (bits + 1) / 2;
        this.random = random;
    }

    /** Where {@code index} goes. */
    public long at(long index) {
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException(index + " of " + size);
        }
        long value = index;
        do {
            value = encrypt(value);
        } while (value >= size);
        return value;
    }

    private long encrypt(long value) {
        long mask = (1L << halfBits) - 1;
        long left = value >>> halfBits;
        long right = value & mask;
        for (int round = 0; round < ROUNDS; round++) {
            long next = left ^ (random.bits(right * ROUNDS + round) & mask);
            left = right;
            right = next;
        }
        return left << halfBits | right;
    }
}
