package io.github.rlhf4j.core.model;

import java.util.stream.IntStream;

/**
 * The rows whose last hidden state is used: after the last layer's attention only these are computed.
 *
 * @param rows of the batch, ascending
 * @param targets index in {@code rows} of each target of the language head
 * @param scalarRows index in {@code rows} of each row where the scalar head is read
 */
@SuppressWarnings("ArrayRecordComponent")
record OutputRows(int[] rows, int[] targets, int[] scalarRows) {
    /**
     * The union of two lists of rows.
     *
     * @param count rows of the batch
     */
    static OutputRows of(int count, int[] targetRows, int[] scalarRows) {
        RowSet used = RowSet.of(count, targetRows, scalarRows);
        return new OutputRows(used.rows(), used.indices(targetRows), used.indices(scalarRows));
    }

    /** All rows of a batch. */
    static OutputRows all(int rows, int[] targetRows, int[] scalarRows) {
        return new OutputRows(IntStream.range(0, rows).toArray(), targetRows, scalarRows);
    }

    int count() {
        return rows.length;
    }
}
