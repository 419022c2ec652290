package io.github.rlhf4j.core.gguf;

import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The bytes of a header, one after the other, with lengths compared with what is left of the file before they are used. */
final class HeaderBytes {
    private final Path path;
    private final FileChannel channel;
    private final long size;
    private final ByteBuffer buffer =
            ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN).limit(0);
    private long read; // of the file, into the buffer

    HeaderBytes(Path path, FileChannel channel) throws IOException {
        this.path = path;
        this.channel = channel;
        this.size = channel.size();
    }

    /** Of the next byte. */
    long position() {
        return read - buffer.remaining();
    }

    byte int8() throws IOException {
        return next(1).get();
    }

    short int16() throws IOException {
        return next(2).getShort();
    }

    int int32() throws IOException {
        return next(4).getInt();
    }

    long int64() throws IOException {
        return next(8).getLong();
    }

    /** How many of something follow, each of which takes some bytes at least. */
    long count(int leastBytes, String what) throws IOException {
        long count = int64();
        if (count < 0 || count > (size - position()) / leastBytes) {
            throw new UserError(path + " is damaged or cut off: it says that " + Long.toUnsignedString(count) + " "
                    + what + " follow, but only " + (size - position()) + " bytes do");
        }
        return count;
    }

    /** A text; bytes that are no UTF-8 become the replacement character. */
    String text(int most, String what) throws IOException {
        long length = count(1, "bytes of " + what);
        if (length > most) {
            throw new UserError(path + " is damaged: " + what + " has " + length + " bytes, but may have " + most);
        }
        byte[] bytes = new byte[(int) length];
        for (int from = 0; from < bytes.length; ) {
            int some = Math.min(bytes.length - from, buffer.capacity());
            next(some).get(bytes, from, some);
            from += some;
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private ByteBuffer next(int bytes) throws IOException {
        while (buffer.remaining() < bytes) {
            buffer.compact();
            int more = channel.read(buffer, read);
            buffer.flip();
            if (more < 0) {
                throw new UserError(path + " is cut off: it ends within its header; fetch it again");
            }
            read += more;
        }
        return buffer;
    }
}
