package io.github.rlhf4j.web.lines;

import java.util.Arrays;

/** Floats that become more. */
public final class Floats {
    private float[] values = new float[16];
    private int size;

    /** Adds one. */
    public void add(float value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, size + (size >> 1));
        }
        values[size++] = value;
    }

    /** Adds NaN until there are so many. */
    public void fillTo(int newSize) {
        while (size < newSize) {
            add(Float.NaN);
        }
    }

    /** That at {@code i}; NaN beyond the end. */
    public float get(int i) {
        return i < size ? values[i] : Float.NaN;
    }

    /** How many. */
    public int size() {
        return size;
    }
}
