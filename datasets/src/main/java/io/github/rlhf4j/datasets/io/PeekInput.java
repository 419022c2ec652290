package io.github.rlhf4j.datasets.io;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** A stream whose first bytes can be looked at. One read asks the stream below once, so that what it gave before it failed is not lost. */
final class PeekInput extends InputStream {
    private final InputStream in;
    private byte[] peeked = new byte[0];
    private int position;
    private long count; // bytes given

    PeekInput(InputStream input) {
        this.in = input;
    }

    /** The next {@code bytes} bytes, fewer at the end, which stay to be read. */
    byte[] peek(int bytes) throws IOException {
        int known = peeked.length - position;
        byte[] longer = Arrays.copyOfRange(peeked, position, position + Math.max(known, bytes));
        int more = known < bytes ? in.readNBytes(longer, known, bytes - known) : 0;
        peeked = Arrays.copyOf(longer, known + more);
        position = 0;
        return Arrays.copyOf(peeked, Math.min(bytes, peeked.length));
    }

    @Override
    public int read() throws IOException {
        count++;
        return position < peeked.length ? peeked[position++] & 0xFF : in.read();
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (position == peeked.length) {
            int read = in.read(buffer, offset, length);
            count += Math.max(0, read);
            return read;
        }
        int known = Math.min(length, peeked.length - position);
        System.arraycopy(peeked, position, buffer, offset, known);
        position += known;
        count += known;
        return known;
    }

    @Override
    public int available() throws IOException {
        return peeked.length - position + in.available();
    }

    /** Bytes read so far. */
    long count() {
        return count;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
