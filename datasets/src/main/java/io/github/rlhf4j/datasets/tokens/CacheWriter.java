package io.github.rlhf4j.datasets.tokens;

import io.github.rlhf4j.core.files.Sha256;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.RecordJson;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes the examples of one cache entry, one after the other. */
final class CacheWriter implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 16;

    private final CacheEntry entry;
    private final Path tokensFile;
    private final Path indexFile;
    private final Path promptsFile;
    private final OutputStream tokens;
    private final OutputStream index;
    private final OutputStream prompts;
    private final Sha256 tokensDigest = new Sha256();
    private final Sha256 indexDigest = new Sha256();
    private final Sha256 promptsDigest = new Sha256();
    private long position;

    CacheWriter(CacheEntry entry) {
        this.entry = entry;
        this.tokensFile = CacheEntry.unfinished(entry.tokens());
        this.indexFile = CacheEntry.unfinished(entry.index());
        this.promptsFile = CacheEntry.unfinished(entry.prompts());
        try {
            Files.createDirectories(entry.folder());
            this.tokens = new BufferedOutputStream(Files.newOutputStream(tokensFile), BUFFER_BYTES);
            this.index = new BufferedOutputStream(Files.newOutputStream(indexFile), BUFFER_BYTES);
            this.prompts = new BufferedOutputStream(Files.newOutputStream(promptsFile), BUFFER_BYTES);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** @param parts of an example, as {@link ExampleFormat} has it */
    void add(long row, int[][] parts) {
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
            write(index, indexDigest, bytesOf(position));
            write(tokens, tokensDigest, bytes.array());
            position += bytes.capacity();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Of a row's prompt, or of the whole row where it has none. */
    static long promptHash(DataRecord row) {
        String prompt = row.promptKey();
        String key = prompt.isBlank() ? RecordJson.toLine(row) : prompt;
        return ByteBuffer.wrap(new Sha256().add(key).bytes()).getLong();
    }

    /** Remembers that a row became tokens, by its {@link #promptHash}. */
    void keep(long promptHash) {
        try {
            write(prompts, promptsDigest, bytesOf(promptHash));
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private static byte[] bytesOf(long value) {
        return ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
    }

    private static void write(OutputStream out, Sha256 digest, byte[] bytes) throws IOException {
        digest.add(bytes);
        out.write(bytes);
    }

    /** Closes the files and puts the entry in place. */
    void finish(TokenizationReport report) {
        try {
            tokens.close();
            index.close();
            prompts.close();
            CacheEntry.putInPlace(tokensFile, entry.tokens());
            CacheEntry.putInPlace(indexFile, entry.index());
            CacheEntry.putInPlace(promptsFile, entry.prompts());
        } catch (IOException e) {
            throw failed(e);
        }
        entry.publish(report, new CacheEntry.Digests(tokensDigest.hex(), indexDigest.hex(), promptsDigest.hex()));
    }

    /** Removes what was not finished. */
    @Override
    public void close() {
        try {
            tokens.close();
            index.close();
            prompts.close();
            Files.deleteIfExists(tokensFile);
            Files.deleteIfExists(indexFile);
            Files.deleteIfExists(promptsFile);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private UncheckedIOException failed(IOException cause) {
        return new UncheckedIOException("cannot write the token cache in " + entry.folder(), cause);
    }
}
