package io.github.rlhf4j.web.lines;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * A file of lines that another process appends to, read from where the last reading ended. One that was cut back or replaced (a resumed run cuts its logs back to the checkpoint) is read again from its start. A last line without its
 * line feed waits until it is whole. Not for several threads at once.
 */
public final class GrowingLines {
    private static final int CHUNK = 1 << 20;
    private static final int MOST_LINE = 64 << 20;
    private static final int REMEMBERED = 64;

    private final Path file;
    private volatile long read; // bytes of whole lines; other threads may look at it
    private byte[] last = {}; // of those the last few, by which a replaced file is told

    public GrowingLines(Path file) {
        this.file = file;
    }

    /** Takes whole lines. */
    public interface Reader {
        /** The file is not what it was: everything that was heard of it counts no more. */
        void restart();

        /**
         * A line without its line feed, {@code bytes[from..to)}; valid during the call.
         *
         * @param offset of the line in the file
         */
        void line(byte[] bytes, int from, int to, long offset);
    }

    /** The file. */
    public Path file() {
        return file;
    }

    /** Whether a reading would find something. */
    public boolean hasChanged() {
        return size() != read;
    }

    /** Bytes beyond the lines that were read; all of them during the first reading. Safe for several threads. */
    public long unread() {
        return Math.max(0, size() - read);
    }

    private long size() {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return 0;
        }
    }

    /** Reads what is new. */
    public void read(Reader reader) {
        if (!Files.isRegularFile(file)) {
            if (read > 0) {
                restart(reader);
            }
            return;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (!isSame(channel)) {
                restart(reader);
            }
            lines(channel, reader);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private void restart(Reader reader) {
        read = 0;
        last = new byte[0];
        reader.restart();
    }

    private boolean isSame(FileChannel channel) throws IOException {
        if (channel.size() < read) {
            return false;
        }
        byte[] now = new byte[last.length];
        return fill(channel, now, 0, read - last.length) == now.length && Arrays.equals(now, last);
    }

    private static int fill(FileChannel channel, byte[] bytes, int from, long position) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes, from, bytes.length - from);
        while (buffer.hasRemaining()) {
            int got = channel.read(buffer, position + buffer.position() - from);
            if (got < 0) {
                break;
            }
        }
        return buffer.position() - from;
    }

    private void lines(FileChannel channel, Reader reader) throws IOException {
        byte[] bytes = new byte[(int) Math.max(1024, Math.min(CHUNK, channel.size() - read + 1))];
        int kept = 0; // of a line that is not whole yet
        while (true) {
            long begin = read; // of bytes
            int got = fill(channel, bytes, kept, begin + kept);
            int end = kept + got;
            int from = 0;
            for (int i = kept; i < end; i++) {
                if (bytes[i] == '\n') {
                    reader.line(bytes, from, i, begin + from);
                    from = i + 1;
                }
            }
            if (from > 0) {
                remember(bytes, from);
            }
            read = begin + from;
            kept = end - from;
            if (end < bytes.length) {
                return;
            }
            if (from == 0) {
                if (bytes.length >= MOST_LINE) {
                    throw new IOException("a line is longer than " + MOST_LINE + " bytes");
                }
                bytes = Arrays.copyOf(bytes, bytes.length * 2);
            } else {
                System.arraycopy(bytes, from, bytes, 0, kept);
            }
        }
    }

    private void remember(byte[] bytes, int to) {
        if (to >= REMEMBERED) {
            last = Arrays.copyOfRange(bytes, to - REMEMBERED, to);
            return;
        }
        int old = Math.min(last.length, REMEMBERED - to);
        byte[] joined = Arrays.copyOfRange(last, last.length - old, last.length + to);
        System.arraycopy(bytes, 0, joined, old, to);
        last = joined;
    }
}
