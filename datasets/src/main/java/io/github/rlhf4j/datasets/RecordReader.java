package io.github.rlhf4j.datasets;

import java.util.Iterator;
import java.util.Optional;

/** Rows of one dataset, read once from the start; all of one kind. */
public interface RecordReader extends AutoCloseable {
    /** The kind of all rows. */
    RecordKind kind();

    /** The rows; to be asked for once. */
    Iterator<? extends DataRecord> rows();

    /** What was left out so far. */
    default DropReport dropReport() {
        return DropReport.NONE;
    }

    /** SHA-256 of the bytes of all files in lower-case hexadecimal, where there are files. */
    default Optional<String> fileSha256() {
        return Optional.empty();
    }

    /** The file that the last row was read from, where there are files. */
    default Optional<String> file() {
        return Optional.empty();
    }

    /** The line in that file, from 1; in a Parquet file the row's number. */
    default long line() {
        return 0;
    }

    @Override
    void close();
}
