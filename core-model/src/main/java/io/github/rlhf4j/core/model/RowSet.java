package io.github.rlhf4j.core.model;

import java.util.Arrays;

/**
 * Some of a batch's rows. Plain loops: batches are made at every step, and streams with their many small methods kept the compiler busy for the first hundred.
 *
 * @param rows ascending, each once
 * @param indexOf index in {@code rows} of each row of the batch that is among them
 */
@SuppressWarnings("ArrayRecordComponent")
record RowSet(int[] rows, int[] indexOf) {
    /**
     * The rows that any of the lists names.
     *
     * @param count rows of the batch
     */
    static RowSet of(int count, int[]... lists) {
        boolean[] named = new boolean[count];
        for (int[] list : lists) {
            for (int row : list) {
                named[row] = true;
            }
        }
        int[] rows = new int[count];
        int[] indexOf = new int[count];
        int size = 0;
        for (int row = 0; row < count; row++) {
            if (named[row]) {
                indexOf[row] = size;
                rows[size++] = row;
            }
        }
        return new RowSet(Arrays.copyOf(rows, size), indexOf);
    }

    /** Index in {@link #rows} of each of some rows. */
    int[] indices(int[] of) {
        int[] indices = new int[of.length];
        for (int i = 0; i < of.length; i++) {
            indices[i] = indexOf[of[i]];
        }
        return indices;
    }
}
