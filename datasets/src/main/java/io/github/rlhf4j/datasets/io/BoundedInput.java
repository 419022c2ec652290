package io.github.rlhf4j.datasets.io;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A stream of which no more than so many bytes may be read between two calls of {@link #nextRow}. */
final class BoundedInput extends FilterInputStream {
    private final RowLimit limit;
    private long left;

    BoundedInput(InputStream input, RowLimit limit) {
        super(input);
        this.limit = limit;
        this.left = limit.bytes();
    }

    /** Thrown where a row is too long. */
    static final class TooLong extends IOException {
        private static final long serialVersionUID = 1L;
    }

    void nextRow() {
        left = limit.bytes();
    }

    @Override
    public int read() throws IOException {
        int value = super.read();
        count(value < 0 ? 0 : 1);
        return value;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int count = super.read(buffer, offset, length);
        count(Math.max(0, count));
        return count;
    }

    private void count(int bytes) throws IOException {
        left -= bytes;
        if (left < 0) {
            throw new TooLong();
        }
    }
}
