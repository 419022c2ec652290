package io.github.rlhf4j.web.lines;

import java.util.Arrays;

/** Whole numbers that become more. */
public final class Longs {
    private long[] values = new long[16];
    private int size;

    /** Adds one. */
    public void add(long value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, size + (size >> 1));
        }
        values[size++] = value;
    }

    /** That at {@code i}. */
    public long get(int i) {
        return values[i];
    }

    /** How many. */
    public int size() {
        return size;
    }
}
