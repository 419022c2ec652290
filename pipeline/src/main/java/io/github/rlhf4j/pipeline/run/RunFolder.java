package io.github.rlhf4j.pipeline.run;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/** A run's folder, held by one process at a time until {@link #close}. */
final class RunFolder implements AutoCloseable {
    /** The lines of the terminal. */
    static final String LOG = "run.log";

    private static final String LOCK = ".lock";

    private final Path directory;
    private final FileChannel channel;

    private RunFolder(Path directory, FileChannel channel) {
        this.directory = directory;
        this.channel = channel;
    }

    /** Whether a run lies there already. */
    static boolean isTaken(Path directory) {
        return Files.exists(directory) && !entries(directory).isEmpty();
    }

    /**
     * Creates the folder where it is missing and locks it.
     *
     * @throws UserError when it cannot be made, or another process works in it
     */
    static RunFolder lock(Path directory) {
        try {
            Files.createDirectories(directory);
            FileChannel channel =
                    FileChannel.open(directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!isLocked(channel)) {
                channel.close();
                throw new UserError("another process is working in " + directory
                        + "; wait for it, or give this run another name: name=...");
            }
            return new RunFolder(directory, channel);
        } catch (IOException e) {
            throw new UserError(
                    "cannot write to " + directory + ": " + e.getMessage()
                            + "; choose another place with output_dir=...",
                    e);
        }
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    Path directory() {
        return directory;
    }

    StageFolder stage(String name) {
        return new StageFolder(directory.resolve(name));
    }

    /** Removes everything in it but the lock. */
    void clear() {
        for (Path entry : entries(directory)) {
            AtomicFiles.delete(entry);
        }
    }

    /** Removes the folder itself when nothing is left in it. */
    void removeIfEmpty() {
        if (entries(directory).stream().allMatch(entry -> entry.endsWith("cache") || entry.endsWith(LOG))) {
            AtomicFiles.delete(directory);
        }
    }

    private static List<Path> entries(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(entry -> !entry.endsWith(LOCK)).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + directory, e);
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
