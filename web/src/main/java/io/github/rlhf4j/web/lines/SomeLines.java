package io.github.rlhf4j.web.lines;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/** Some whole lines of a long file, at even distances, the first and the last among them: what it looks like before it is read. */
public final class SomeLines {
    private static final int USUAL = 4 << 10;
    private static final int MOST = 1 << 20; // of a longer line nothing is told

    private SomeLines() {}

    /**
     * Tells {@code count} lines at most, in their order, each once; none where there is no file.
     *
     * @param reader its {@code restart} is not called
     */
    public static void of(Path file, int count, GrowingLines.Reader reader) {
        if (!Files.isRegularFile(file)) {
            return;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            long told = -1;
            for (int i = 0; i < count - 1; i++) {
                told = tellAfter(channel, size * i / (count - 1), size, told, reader);
            }
            tell(channel, lastLine(channel, size), told, reader);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /** Tells the first line that begins there or later, by one reading where it is not long. */
    private static long tellAfter(FileChannel channel, long place, long size, long told, GrowingLines.Reader reader)
            throws IOException {
        long from = Math.max(0, place - 1);
        byte[] bytes = bytes(channel, from, USUAL);
        int begin = place == 0 ? 0 : end(bytes, 0) + 1;
        int end = begin == 0 && place > 0 ? -1 : end(bytes, begin);
        if (end < 0) {
            return tell(channel, lineAfter(channel, place, size), told, reader);
        }
        if (from + begin <= told) {
            return told;
        }
        reader.line(bytes, begin, end, from + begin);
        return from + begin;
    }

    /** Where the line that begins there ends; -1 where it does not. */
    private static int end(byte[] bytes, int from) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    /** Where the first line begins that begins there or later; -1 where none does that is near. */
    private static long lineAfter(FileChannel channel, long place, long size) throws IOException {
        if (place == 0) {
            return 0;
        }
        for (int length = USUAL; length <= MOST; length *= 16) {
            int end = end(bytes(channel, place - 1, length), 0);
            if (end >= 0) {
                return place + end;
            }
            if (place - 1 + length >= size) {
                return -1;
            }
        }
        return -1;
    }

    /** Where the last whole line begins; -1 where it is too long. */
    private static long lastLine(FileChannel channel, long size) throws IOException {
        for (int length = USUAL; length <= MOST; length *= 16) {
            long from = Math.max(0, size - length);
            byte[] bytes = bytes(channel, from, (int) (size - from));
            int end = bytes.length - 1;
            while (end >= 0 && bytes[end] != '\n') {
                end--;
            }
            for (int i = end - 1; i >= 0; i--) {
                if (bytes[i] == '\n') {
                    return from + i + 1;
                }
            }
            if (from == 0) {
                return end >= 0 ? 0 : -1;
            }
        }
        return -1;
    }

    /** Tells the line that begins there, where it is whole and comes after the last one told; the place of the last one told. */
    private static long tell(FileChannel channel, long place, long told, GrowingLines.Reader reader)
            throws IOException {
        if (place <= told) {
            return told;
        }
        for (int length = USUAL; length <= MOST; length *= 16) {
            byte[] bytes = bytes(channel, place, length);
            int end = end(bytes, 0);
            if (end >= 0) {
                reader.line(bytes, 0, end, place);
                return place;
            }
            if (bytes.length < length) {
                return told;
            }
        }
        return told;
    }

    private static byte[] bytes(FileChannel channel, long place, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.max(0, Math.min(length, channel.size() - place)));
        while (buffer.hasRemaining() && channel.read(buffer, place + buffer.position()) >= 0) {
            // until it is full or the file ends
        }
        return buffer.position() == buffer.capacity()
                ? buffer.array()
                : Arrays.copyOf(buffer.array(), buffer.position());
    }
}
