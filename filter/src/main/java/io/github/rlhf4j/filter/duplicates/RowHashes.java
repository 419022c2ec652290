package io.github.rlhf4j.filter.duplicates;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.files.Sha256;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.train.Stateful;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * The hashes of rows in a file of the stage's folder {@code work}, so many numbers a row, in the order of the rows: what duplicates are found by. Registered with the stage, it is cut back to the checkpoint that
 * a run continues from. For one thread.
 */
public final class RowHashes implements Stateful, AutoCloseable {
    private static final String FOLDER = "work";
    private static final int BUFFER_BYTES = 1 << 16;

    private final Path file;
    private final int width;
    private final FileChannel channel;
    private final ByteBuffer pending;
    private Sha256 digest = new Sha256();
    private long written; // bytes
    private boolean isComplete;

    private RowHashes(Path file, int width, FileChannel channel) {
        this.file = file;
        this.width = width;
        this.channel = channel;
        this.pending = ByteBuffer.allocate(Math.max(BUFFER_BYTES, bytes()));
    }

    /**
     * Begins the file and registers it; before {@link StageContext#train}. A resumed stage's is restored there.
     *
     * @param width hashes of a row
     */
    public static RowHashes open(StageContext context, int width) {
        RowHashes hashes = open(context.directory().resolve(FOLDER).resolve("hashes.bin"), width);
        context.register("hashes", hashes);
        return hashes;
    }

    static RowHashes open(Path file, int width) {
        try {
            Files.createDirectories(requireNonNull(file.getParent()));
            return new RowHashes(
                    file,
                    width,
                    FileChannel.open(
                            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    private int bytes() {
        return (1 + width) * Long.BYTES;
    }

    /** Adds a row's. */
    public void add(long row, long[] hashes) {
        if (pending.remaining() < bytes()) {
            flush();
        }
        pending.putLong(row);
        for (long hash : hashes) {
            pending.putLong(hash);
        }
    }

    private void flush() {
        pending.flip();
        digest.add(pending.duplicate());
        try {
            while (pending.hasRemaining()) {
                written += channel.write(pending, written);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
        pending.clear();
    }

    /** Rows. */
    public long size() {
        return (written + pending.position()) / bytes();
    }

    /** Hashes of a row. */
    public int width() {
        return width;
    }

    /** The number of the i-th row. */
    public long row(long i) {
        return read(i, 1, 0)[0];
    }

    /** The i-th row's hash at a column. */
    long hash(long i, int column) {
        return read(i, 1, column + 1)[0];
    }

    /** The hashes at a column of so many rows. */
    long[] hashes(long first, int count, int column) {
        return read(first, count, column + 1);
    }

    private long[] read(long first, int count, int column) {
        if (pending.position() > 0) {
            flush();
        }
        ByteBuffer buffer = ByteBuffer.allocate(count == 1 ? Long.BYTES : count * bytes());
        long start = first * bytes() + (count == 1 ? (long) column * Long.BYTES : 0);
        try {
            while (buffer.hasRemaining()) {
                if (channel.read(buffer, start + buffer.position()) < 0) {
                    throw new IllegalStateException(file + " has no row " + first);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
        long[] column0 = new long[count];
        Arrays.setAll(column0, i -> buffer.getLong(count == 1 ? 0 : i * bytes() + column * Long.BYTES));
        return column0;
    }

    /** The first of the rows whose number is not smaller than {@code row}; {@link #size} where there is none. */
    public long indexOf(long row) {
        long low = 0;
        long high = size();
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (row(middle) < row) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Nothing will be read any more: a run that continues from a checkpoint written after this needs no file. */
    public void complete() {
        isComplete = true;
    }

    /** Removes the file, which is complete. */
    public void remove() {
        close();
        AtomicFiles.delete(requireNonNull(file.getParent()));
    }

    @Override
    public void save(ObjectNode state) {
        flush();
        try {
            channel.force(false);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
        state.put("bytes", written).put("sha256", digest.hexSoFar()).put("complete", isComplete);
    }

    @Override
    public void restore(ObjectNode state) {
        isComplete = state.path("complete").asBoolean();
        written = state.path("bytes").asLong();
        pending.clear();
        try {
            boolean isThere = Files.size(file) >= written
                    && new Sha256()
                            .add(file, written)
                            .hex()
                            .equals(state.path("sha256").asText());
            if (!isThere && !isComplete) {
                throw new UserError(
                        file
                                + " is gone or has been changed since its last checkpoint was written; run the stage again with --from");
            }
            channel.truncate(written);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
        digest = new Sha256().add(file, written);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close " + file, e);
        }
    }
}
