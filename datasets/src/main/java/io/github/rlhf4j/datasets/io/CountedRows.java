package io.github.rlhf4j.datasets.io;

import java.util.List;

/** Rows, and how many bytes of their file have been read for them. */
record CountedRows(RowSource rows, PeekInput input) implements RowSource {
    @Override
    public boolean hasNext() {
        return rows.hasNext();
    }

    @Override
    public Row next() {
        return rows.next();
    }

    @Override
    public List<Skipped> takeSkipped() {
        return rows.takeSkipped();
    }

    @Override
    public long bytesRead() {
        return input.count();
    }

    @Override
    public void close() {
        rows.close();
    }
}
