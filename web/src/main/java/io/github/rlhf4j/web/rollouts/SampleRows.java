package io.github.rlhf4j.web.rollouts;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.web.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/** Rows of samples.jsonl, read where the index says they are. Close it. */
final class SampleRows implements AutoCloseable {
    private static final int USUAL = 4096;
    private static final int MOST = 64 << 20;

    private final SampleIndex index;
    private final FileChannel channel;

    SampleRows(SampleIndex index) {
        this.index = index;
        try {
            channel = FileChannel.open(index.file(), StandardOpenOption.READ);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + index.file(), e);
        }
    }

    /** A row with its number, {@code row}; without members where it is no JSON. */
    ObjectNode row(int row) {
        ObjectNode found;
        try {
            found = Json.MAPPER.readTree(bytes(row)) instanceof ObjectNode object ? object : Json.object();
        } catch (IOException e) {
            found = Json.object();
        }
        return found.put("row", row);
    }

    /** The line of a row. */
    String line(int row) {
        return new String(bytes(row), StandardCharsets.UTF_8);
    }

    private byte[] bytes(int row) {
        try {
            long offset = index.offset(row);
            for (int size = USUAL; ; size *= 4) {
                ByteBuffer buffer = ByteBuffer.allocate(Math.min(size, MOST));
                while (buffer.hasRemaining() && channel.read(buffer, offset + buffer.position()) >= 0) {
                    // until it is full or the file ends
                }
                byte[] bytes = buffer.array();
                for (int i = 0; i < buffer.position(); i++) {
                    if (bytes[i] == '\n') {
                        return Arrays.copyOf(bytes, i);
                    }
                }
                if (buffer.hasRemaining() || size >= MOST) {
                    return Arrays.copyOf(bytes, buffer.position());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + index.file(), e);
        }
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
