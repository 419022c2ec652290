package io.github.rlhf4j.core.stage;

import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file that is appended to; what is written is in the file when the call returns, and can be cut back to an earlier length when it is opened again. */
final class AppendedFile implements AutoCloseable {
    private final Path file;
    private final FileChannel channel;

    private AppendedFile(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Opens a file, keeping its first {@code length} bytes.
     *
     * @throws UserError when it is a link, since nothing is written outside of the stage's folder, or a folder
     */
    static AppendedFile open(Path file, long length) {
        if (Files.isSymbolicLink(file) || Files.isDirectory(file)) {
            throw new UserError(file
                    + (Files.isSymbolicLink(file)
                            ? " is a link, and a run writes only into its own folder"
                            : " is a folder, and a run writes a file there")
                    + "; put the file itself there, or run the stage again with --from");
        }
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            channel.truncate(length);
            channel.position(Math.min(length, channel.size()));
            return new AppendedFile(file, channel);
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    private static UncheckedIOException failed(Path file, IOException cause) {
        return new UncheckedIOException("cannot write " + file + ": " + cause.getMessage(), cause);
    }

    void write(ByteBuffer bytes) {
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    /** Bytes so far. */
    long length() {
        try {
            return channel.position();
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    /** Bytes so far, all on the disk when this returns. */
    long sync() {
        try {
            channel.force(false);
            return channel.position();
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    /** Whether the file is still there with everything that was written. */
    boolean isThere() {
        try {
            return Files.isRegularFile(file) && Files.size(file) >= channel.position();
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw failed(file, e);
        }
    }
}
