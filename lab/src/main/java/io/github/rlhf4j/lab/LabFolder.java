package io.github.rlhf4j.lab;

import io.github.rlhf4j.cli.lab.LabRequest;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.pipeline.run.FolderLock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The folder of a page's results, held by one process at a time. Its mark is written first and removed last, so that a process may be killed at any moment. */
final class LabFolder implements AutoCloseable {
    private static final String MARK = "page.sha256";
    private static final String LOCK = ".lab-lock";

    private final Path directory;
    private final FolderLock lock;

    private LabFolder(Path directory, FolderLock lock) {
        this.directory = directory;
        this.lock = lock;
    }

    /**
     * The folder is new, or is to be continued and is of the same page, or is to be replaced.
     *
     * @param digest of what its results depend on
     * @throws UserError where it is none of these, or another process works in it
     */
    static LabFolder open(Path folder, String digest, LabRequest request) {
        try {
            requirePlace(folder, request);
            AtomicFiles.createDirectories(folder);
            FolderLock lock = FolderLock.take(folder, LOCK, "page", "give another folder with --out");
            try {
                begin(folder, digest, request.overwrite());
                return new LabFolder(folder, lock);
            } catch (IOException | RuntimeException e) {
                lock.close();
                throw e;
            }
        } catch (IOException | UncheckedIOException e) {
            throw new UserError(folder + " cannot be used: " + e.getMessage(), e);
        }
    }

    Path directory() {
        return directory;
    }

    private static void requirePlace(Path folder, LabRequest request) throws IOException {
        if (!Files.isDirectory(folder) || entries(folder).isEmpty()) {
            return;
        }
        if (!Files.exists(folder.resolve(MARK))) {
            throw new UserError(folder + " is not a folder of the lab; give another with --out");
        }
        if (!request.overwrite() && !request.resume()) {
            throw new UserError(folder + " already exists; continue it with --resume or replace it with --overwrite");
        }
    }

    private static void begin(Path folder, String digest, boolean overwrite) throws IOException {
        Path mark = folder.resolve(MARK);
        if (overwrite) {
            for (Path entry : entries(folder)) {
                if (!entry.equals(mark)) {
                    AtomicFiles.delete(entry);
                }
            }
        } else if (Files.exists(mark)) {
            if (!Files.readString(mark).equals(digest)) {
                throw new UserError(
                        folder
                                + " is of other values, settings, metrics, another run file or measure of the page; replace it with --overwrite (only cases, seeds, pictures and claims may change with --resume)");
            }
            return;
        }
        AtomicFiles.writeString(mark, digest);
    }

    private static List<Path> entries(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(entry -> {
                        String name = String.valueOf(entry.getFileName());
                        return !name.equals(LOCK) && !AtomicFiles.isTemporaryOf(List.of(MARK), name);
                    })
                    .toList();
        }
    }

    @Override
    public void close() {
        lock.close();
    }
}
