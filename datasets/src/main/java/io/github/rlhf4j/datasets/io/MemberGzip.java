package io.github.rlhf4j.datasets.io;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Gzip data of one member or many, as crawls have them. Java's own stream takes what is no member, after a good one, for the end; here it is damage. Zeros at the end are none. */
final class MemberGzip extends GZIPInputStream {
    private static final int TRAILER_BYTES = 8;
    private static final int MOST_EMPTY = 1000;

    private final InputStream file;
    private boolean isWhole;
    private int depth; // Java's stream calls read again after a member without bytes

    MemberGzip(InputStream file, int bufferBytes) throws IOException {
        super(file, bufferBytes);
        this.file = file;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (depth > MOST_EMPTY) {
            throw new ZipException("more than " + MOST_EMPTY + " members without bytes follow each other");
        }
        depth++;
        int count;
        try {
            count = super.read(buffer, offset, length);
        } finally {
            depth--;
        }
        if (count < 0 && !isWhole) {
            requireEnd();
            isWhole = true;
        }
        return count;
    }

    private void requireEnd() throws IOException {
        int first = len - inf.getRemaining() + TRAILER_BYTES; // in the buffer, after the last member
        boolean isZero = true;
        for (int i = first; i < len; i++) {
            isZero &= buf[i] == 0;
        }
        for (int next = file.read(); isZero && next >= 0; next = file.read()) {
            isZero = next == 0;
        }
        if (!isZero) {
            throw new ZipException("a member of the gzip data begins wrongly");
        }
    }
}
