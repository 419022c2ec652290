package io.github.rlhf4j.datasets.io;

import java.util.Iterator;
import java.util.List;
import java.util.Set;

/** The objects of a file, one after the other; a malformed one is a UserError that names file and line. */
public interface RowSource extends Iterator<Row>, AutoCloseable {
    /** Columns that the file has besides those of its rows: they were not asked for. */
    default Set<String> unread() {
        return Set.of();
    }

    /** Bytes read so far, decompressed; 0 where that is not counted. */
    default long bytesRead() {
        return 0;
    }

    /** What has been passed over since this was last asked for, though it might have been a row. */
    default List<Skipped> takeSkipped() {
        return List.of();
    }

    @Override
    void close();
}
