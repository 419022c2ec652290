package io.github.rlhf4j.datasets.io;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * One object of a file.
 *
 * @param file where it is
 * @param line the line it starts on, from 1; in a Parquet file its number
 * @param columns name to value
 * @param given the columns as the file has them, where {@code columns} are made of them
 */
public record Row(String file, long line, ObjectNode columns, ObjectNode given) {
    /** As the file has it. */
    public Row(String file, long line, ObjectNode columns) {
        this(file, line, columns, columns);
    }

    /** This with other columns. */
    public Row with(ObjectNode other) {
        return new Row(file, line, other, given);
    }
}
