package io.github.rlhf4j.datasets;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * An unnamed temporary file that is written once from its start and then read by position, so that memory does not grow with the data. Appending is for one
 * thread, reading (after {@link #flush}) for any number; the file is gone when it is closed or the process ends.
 */
public final class SpoolFile implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 16;

    private final FileChannel channel;
    private ByteBuffer pending = ByteBuffer.allocate(BUFFER_BYTES);
    private long flushed;

    /** An empty one, in java.io.tmpdir. */
    public SpoolFile() {
        try {
            Path file = Files.createTempFile("rlhf4j-records", ".tmp");
            channel = FileChannel.open(
                    file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make a temporary file of the data in java.io.tmpdir", e);
        }
    }

    /** Appends {@code bytes} and returns their position. */
    public long append(ByteBuffer bytes) {
        long position = size();
        if (pending.remaining() < bytes.remaining()) {
            flush();
            if (pending.capacity() < bytes.remaining()) {
                pending = ByteBuffer.allocate(bytes.remaining());
            }
        }
        pending.put(bytes);
        return position;
    }

    /** Bytes appended so far. */
    public long size() {
        return flushed + pending.position();
    }

    /** Makes all that was appended readable. */
    public void flush() {
        pending.flip();
        try {
            while (pending.hasRemaining()) {
                flushed += channel.write(pending, flushed);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the temporary file of the data in java.io.tmpdir", e);
        }
        pending.clear();
    }

    /** So many bytes from a position. */
    public ByteBuffer read(long position, int length) {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        try {
            while (bytes.hasRemaining()) {
                if (channel.read(bytes, position + bytes.position()) < 0) {
                    throw new IllegalStateException("the temporary file of the data has no byte " + position);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.flip();
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
