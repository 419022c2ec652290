package io.github.rlhf4j.datasets.io;

import java.util.Iterator;

/** The objects of a file, one after the other; a malformed one is a UserError that names file and line. */
public interface RowSource extends Iterator<Row>, AutoCloseable {
    @Override
    void close();
}
