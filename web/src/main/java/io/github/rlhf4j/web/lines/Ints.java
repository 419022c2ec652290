package io.github.rlhf4j.web.lines;

import java.util.Arrays;

/** Small whole numbers that become more. */
public final class Ints {
    private int[] values = new int[16];
    private int size;

    /** Adds one. */
    public void add(int value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, size + (size >> 1));
        }
        values[size++] = value;
    }

    /** That at {@code i}. */
    public int get(int i) {
        return values[i];
    }

    /** How many. */
    public int size() {
        return size;
    }
}
