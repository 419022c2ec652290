package io.github.rlhf4j.pipeline.run;

import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A folder that one process works in, and one run or experiment of it, until {@link #close}. */
public final class FolderLock implements AutoCloseable {
    /** Those of this process. The system's lock is the process's: it refuses no second channel, and closing that one would release it. */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path held;
    private final FileChannel channel;

    private FolderLock(Path held, FileChannel channel) {
        this.held = held;
        this.channel = channel;
    }

    /**
     * Takes a folder, which exists.
     *
     * @param file the lock's name in it
     * @param what works there, a run or an experiment, for messages
     * @throws UserError when another works in it, or a folder is in the lock's place
     */
    public static FolderLock take(Path directory, String file, String what) throws IOException {
        return take(directory, file, what, "give this " + what + " another name: name=...");
    }

    /**
     * As the other.
     *
     * @param otherwise what can be done but to wait
     */
    public static FolderLock take(Path directory, String file, String what, String otherwise) throws IOException {
        Path held = directory.toRealPath().resolve(file);
        if (Files.isDirectory(held)) {
            throw new UserError(directory.resolve(file) + " is a folder, and must be a file; remove it");
        }
        if (!HELD.add(held)) {
            throw taken("another " + what + " of this process", directory, otherwise);
        }
        try {
            FileChannel channel = FileChannel.open(held, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!isTaken(channel)) {
                channel.close();
                throw taken("another process", directory, otherwise);
            }
            return new FolderLock(held, channel);
        } catch (IOException | RuntimeException e) {
            HELD.remove(held);
            throw e;
        }
    }

    private static boolean isTaken(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    private static UserError taken(String by, Path directory, String otherwise) {
        return new UserError(by + " is working in " + directory + "; wait for it, or " + otherwise);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            HELD.remove(held);
        }
    }
}
