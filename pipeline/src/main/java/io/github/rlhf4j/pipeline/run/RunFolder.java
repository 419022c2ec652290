package io.github.rlhf4j.pipeline.run;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.files.FileFailure;
import io.github.rlhf4j.pipeline.config.RunDraft;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A run's folder, held by one process at a time until {@link #close}. It carries a mark, the file .rlhf4j; only in a folder with the mark, or one that an older version has
 * evidently made, is anything replaced or removed, and only what the run has made.
 */
final class RunFolder implements AutoCloseable {
    /** The lines of the terminal. */
    static final String LOG = "run.log";

    private static final String LOCK = ".lock";
    private static final String MARK = ".rlhf4j";
    private static final String MARK_TEXT =
            "The folder of a run of RLHF4J. What the run has made in it, --overwrite and --from may replace.\n";
    private static final String ADOPTED_TEXT = "Begun by a version that did not store what its stages read.\n";

    /** Files of a run's folder, beside its own folders and those of its stages. */
    private static final Set<String> FILES = Set.of("summary.json", "report.html", LOG);

    private static final Set<String> HIDDEN = Set.of(
            LOCK,
            MARK,
            PreviousRun.KEPT,
            PreviousRun.MOVING,
            PreviousRun.DISCARDED,
            RunProcess.FILE,
            RunProcess.STOP,
            RunProcess.CHECKPOINT);
    /** What a process leaves that was killed while it wrote one of them, perhaps before there was a mark. */
    private static final List<String> WRITTEN_FIRST = List.of(MARK, RunProcess.FILE);

    private final Path directory;
    private final FolderLock lock;
    private final boolean isNew;
    private boolean isRemoved; // by removeIfEmpty

    private RunFolder(Path directory, FolderLock lock, boolean isNew) {
        this.directory = directory;
        this.lock = lock;
        this.isNew = isNew;
    }

    /** What is where a run shall be. */
    enum State {
        /** Nothing, or an empty folder. */
        FREE,
        /** A run. */
        RUN,
        /** Something else. */
        FOREIGN
    }

    /** What is at {@code directory}; nothing is changed. */
    static State look(Path directory) {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return State.FREE;
        }
        if (!Files.isDirectory(directory)) {
            return State.FOREIGN;
        }
        if (Files.isRegularFile(directory.resolve(MARK))) {
            return entries(directory).isEmpty() ? State.FREE : State.RUN;
        }
        List<Path> entries = entries(directory);
        if (entries.isEmpty() || isRemains(directory, entries)) {
            return State.FREE;
        }
        boolean isOld = Files.exists(directory.resolve(LOCK))
                && entries.stream().anyMatch(entry -> new StageFolder(entry).isStage());
        return isOld ? State.RUN : State.FOREIGN;
    }

    /** What {@link #look} finds and why it is in the way, for a message. */
    static String describe(Path directory) {
        return Files.isDirectory(directory)
                ? directory + " is not the folder of a run (it holds "
                        + some(entries(directory).stream().map(RunFolder::name).toList()) + ")"
                : directory + " exists and is no folder";
    }

    /** The first few of {@code names}. */
    static String some(List<String> names) {
        int shown = 3;
        String first = String.join(", ", names.subList(0, Math.min(shown, names.size())));
        return names.size() > shown ? first + " and " + (names.size() - shown) + " more" : first;
    }

    /**
     * Creates the folder where it is missing, locks it and leaves the mark in it.
     *
     * @throws UserError when it cannot be made, or another process works in it
     */
    static RunFolder lock(Path directory) {
        try {
            State before = look(directory);
            boolean isNew = !Files.exists(directory);
            AtomicFiles.createDirectories(directory);
            FolderLock lock = FolderLock.take(directory, LOCK, "run");
            try {
                return marked(new RunFolder(directory, lock, isNew), before);
            } catch (RuntimeException | Error e) {
                lock.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UserError(
                    "cannot write to " + directory + ": " + reason(e) + "; choose another place with output_dir=...",
                    e);
        }
    }

    private static RunFolder marked(RunFolder folder, State before) {
        Path mark = folder.directory.resolve(MARK);
        if (!Files.exists(mark)) {
            AtomicFiles.writeString(mark, before == State.RUN ? MARK_TEXT + ADOPTED_TEXT : MARK_TEXT);
        }
        folder.removeUnfinished();
        folder.previous().recover(stage -> folder.stage(stage).isDone());
        return folder;
    }

    /** The folder is locked: whoever began them is no more. */
    private void removeUnfinished() {
        try {
            AtomicFiles.deleteTemporariesOf(WRITTEN_FIRST, directory);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + directory, e);
        }
    }

    private static String reason(IOException e) {
        if (e instanceof FileAlreadyExistsException exists) {
            return exists.getFile() + " is a file";
        }
        if (e instanceof NoSuchFileException) {
            return "no folder can be made there";
        }
        return FileFailure.reason(e);
    }

    Path directory() {
        return directory;
    }

    StageFolder stage(String name) {
        return new StageFolder(directory.resolve(name));
    }

    PreviousRun previous() {
        return new PreviousRun(directory);
    }

    /** Whether the run was begun by a version that did not store what its stages read. */
    boolean isAdopted() {
        try {
            return Files.readString(directory.resolve(MARK)).endsWith(ADOPTED_TEXT);
        } catch (IOException e) {
            return true;
        }
    }

    /**
     * Everything that the run has made, by the names of entries.
     *
     * @throws UserError naming what else is there
     */
    List<String> requireOwn() {
        List<String> names = entries(directory).stream().map(RunFolder::name).toList();
        refuse(names.stream().flatMap(name -> foreign(name).stream()).toList(), directory);
        return names;
    }

    private static boolean isResult(String name) {
        return FILES.contains(name) || RunDraft.FOLDERS.contains(name);
    }

    private List<String> foreign(String name) {
        if (isResult(name)) {
            boolean isOwn = Files.isDirectory(directory.resolve(name)) == RunDraft.FOLDERS.contains(name);
            return isOwn ? List.of() : List.of(name);
        }
        return AtomicFiles.isTemporary(name) ? List.of() : stage(name).foreign();
    }

    /** Refuses to replace a folder that holds something no run has made. */
    static void refuse(List<String> foreign, Path directory) {
        if (!foreign.isEmpty()) {
            throw new UserError(directory + " holds what this run has not made (" + some(foreign)
                    + "); move it away, or choose another name by name=...");
        }
    }

    /**
     * Checks that the folder is still the one that was locked.
     *
     * @param stages of the run, whose folders may have been made again since
     * @throws UserError when it was removed
     */
    void requirePresent(Collection<String> stages) {
        if (isRemoved) {
            return;
        }
        if (!Files.exists(directory.resolve(LOCK)) || !Files.exists(directory.resolve(MARK))) {
            removeRemains(stages);
            throw new UserError(directory + " was removed while its run was going on; run it again");
        }
    }

    /** What this process has written since the folder was removed would be in the way of the next. Nothing goes where anything else is there. */
    private void removeRemains(Collection<String> stages) {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS) || Files.exists(directory.resolve(MARK))) {
            return;
        }
        List<Path> left = entries(directory);
        boolean isOurs = left.stream()
                .map(RunFolder::name)
                .allMatch(name -> isResult(name)
                        ? foreign(name).isEmpty()
                        : stages.contains(name) && stage(name).holdsOwnFilesOnly());
        if (isOurs) {
            left.forEach(AtomicFiles::delete);
        }
    }

    /** Whether nothing is there but what the end of a process leaves in a folder that was removed before. */
    private static boolean isRemains(Path directory, List<Path> entries) {
        return Files.isRegularFile(directory.resolve(RunProcess.FILE))
                && entries.stream()
                        .allMatch(entry ->
                                name(entry).equals(LOG) && Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS));
    }

    /** Removes the folder itself when this process has made it and no stage has left anything in it. */
    void removeIfEmpty() {
        if (isNew && entries(directory).stream().allMatch(entry -> isResult(name(entry)))) {
            isRemoved = true;
            entries(directory).forEach(AtomicFiles::delete);
            List.of(MARK, RunProcess.FILE, RunProcess.STOP, RunProcess.CHECKPOINT)
                    .forEach(own -> AtomicFiles.delete(directory.resolve(own)));
            AtomicFiles.delete(directory.resolve(LOCK));
            try {
                Files.deleteIfExists(directory);
            } catch (IOException e) {
                // something else has been put there
            }
        }
    }

    private static String name(Path entry) {
        return String.valueOf(entry.getFileName());
    }

    private static boolean isUnfinished(Path entry) {
        return AtomicFiles.isTemporaryOf(WRITTEN_FIRST, name(entry));
    }

    private static List<Path> entries(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(entry -> !HIDDEN.contains(name(entry)) && !isUnfinished(entry))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + directory, e);
        }
    }

    @Override
    public void close() {
        lock.close();
    }
}
