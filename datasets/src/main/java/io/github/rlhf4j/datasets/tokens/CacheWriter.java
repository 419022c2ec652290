package io.github.rlhf4j.datasets.tokens;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Writes the examples of one cache entry, one after the other. */
final class CacheWriter<T> implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 16;

    private final CacheEntry entry;
    private final ExampleFormat<T> format;
    private final Path tokensFile;
    private final Path indexFile;
    private final OutputStream tokens;
    private final OutputStream index;
    private long position;

    CacheWriter(CacheEntry entry, ExampleFormat<T> format) {
        this.entry = entry;
        this.format = format;
        this.tokensFile = CacheEntry.unfinished(entry.tokens());
        this.indexFile = CacheEntry.unfinished(entry.index());
        try {
            Files.createDirectories(entry.folder());
            this.tokens = new BufferedOutputStream(Files.newOutputStream(tokensFile), BUFFER_BYTES);
            this.index = new BufferedOutputStream(Files.newOutputStream(indexFile), BUFFER_BYTES);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    void add(long row, T example) {
        int[][] parts = format.parts(example);
        int ints = 3 + parts.length;
        for (int[] part : parts) {
            ints += part.length;
        }
        ByteBuffer bytes = ByteBuffer.allocate(ints * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(row).putInt(parts.length);
        for (int[] part : parts) {
            bytes.putInt(part.length);
        }
        for (int[] part : parts) {
            bytes.asIntBuffer().put(part);
            bytes.position(bytes.position() + part.length * Integer.BYTES);
        }
        try {
            index.write(ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(position)
                    .array());
            tokens.write(bytes.array());
            position += bytes.capacity();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Closes the files and puts the entry in place. */
    void finish(TokenizationReport report) {
        try {
            tokens.close();
            index.close();
            Files.move(tokensFile, entry.tokens(), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            Files.move(indexFile, entry.index(), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw failed(e);
        }
        entry.publish(report);
    }

    /** Removes what was not finished. */
    @Override
    public void close() {
        try {
            tokens.close();
            index.close();
            Files.deleteIfExists(tokensFile);
            Files.deleteIfExists(indexFile);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private UncheckedIOException failed(IOException cause) {
        return new UncheckedIOException("cannot write the token cache in " + entry.folder(), cause);
    }
}
