package io.github.rlhf4j.pipeline.run;

import io.github.rlhf4j.core.files.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What a run had left, kept in .previous/ inside its folder until the first stage of what takes its place is complete.
 *
 * <p>Everything is a rename, and the folder has another name while things are on their way: a process that is killed in between leaves a state from which
 * {@link #recover} knows the way back. .setting-aside/: its content belongs back where it was. .previous/: the new run has begun. .discarded/: to be removed.
 */
final class PreviousRun {
    static final String KEPT = ".previous";
    static final String MOVING = ".setting-aside";
    static final String DISCARDED = ".discarded";
    private static final String UNTIL = ".until"; // the stage whose completion ends the keeping

    private final Path directory;

    PreviousRun(Path directory) {
        this.directory = directory;
    }

    /**
     * Ends what a killed process has begun.
     *
     * @param isDone whether a stage is complete
     */
    void recover(Predicate<String> isDone) {
        if (exists(MOVING)) {
            moveBack();
        }
        if (exists() && until().filter(isDone).isPresent()) {
            discard();
        }
        AtomicFiles.delete(directory.resolve(DISCARDED));
    }

    boolean exists() {
        return exists(KEPT);
    }

    private boolean exists(String name) {
        return Files.isDirectory(directory.resolve(name), LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Moves entries of the run's folder aside. Where one of the same name is kept already, from a replacement that did not come far, that one stays and the later
     * attempt is removed.
     *
     * @param names of the entries that exist
     * @param until the stage at whose end they may go
     */
    void setAside(Collection<String> names, String until) {
        List<String> present = names.stream()
                .filter(name -> Files.exists(directory.resolve(name), LinkOption.NOFOLLOW_LINKS))
                .toList();
        if (present.isEmpty() && !exists()) {
            return;
        }
        Path moving = directory.resolve(MOVING);
        try {
            if (exists()) {
                for (String name : present) {
                    if (Files.exists(directory.resolve(KEPT).resolve(name), LinkOption.NOFOLLOW_LINKS)) {
                        AtomicFiles.delete(directory.resolve(name));
                    }
                }
                move(directory.resolve(KEPT), moving);
            } else {
                Files.createDirectory(moving);
            }
            for (String name : present) {
                if (Files.exists(directory.resolve(name), LinkOption.NOFOLLOW_LINKS)) {
                    move(directory.resolve(name), moving.resolve(name));
                }
            }
            AtomicFiles.writeString(moving.resolve(UNTIL), until); // and forces the names in there
            AtomicFiles.forceDirectory(directory);
            move(moving, directory.resolve(KEPT));
            AtomicFiles.forceDirectory(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot set aside what is in " + directory, e);
        }
    }

    /** Takes note that a stage is complete; the stages before may go when it is the one that was waited for, or when none is known: it is the first that is made. */
    void stageIsDone(String stage) {
        if (exists() && until().filter(awaited -> !awaited.equals(stage)).isEmpty()) {
            discard();
        }
    }

    private Optional<String> until() {
        try {
            return Optional.of(Files.readString(directory.resolve(KEPT).resolve(UNTIL)))
                    .filter(name -> !name.isBlank());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private void discard() {
        try {
            AtomicFiles.delete(directory.resolve(DISCARDED));
            move(directory.resolve(KEPT), directory.resolve(DISCARDED));
            AtomicFiles.delete(directory.resolve(DISCARDED));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + directory.resolve(KEPT), e);
        }
    }

    /**
     * Brings back what was kept, in the place of what has been made anew.
     *
     * @param attempt the stage that has failed
     */
    void restore(String attempt) {
        AtomicFiles.delete(directory.resolve(attempt));
        try {
            move(directory.resolve(KEPT), directory.resolve(MOVING));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot bring back " + directory.resolve(KEPT), e);
        }
        moveBack();
    }

    private void moveBack() {
        Path moving = directory.resolve(MOVING);
        try (Stream<Path> entries = Files.list(moving)) {
            for (Path entry : entries.sorted().toList()) {
                String name = String.valueOf(entry.getFileName());
                if (name.equals(UNTIL) || AtomicFiles.isTemporaryOf(List.of(UNTIL), name)) {
                    continue;
                }
                Path place = directory.resolve(entry.getFileName());
                AtomicFiles.delete(place);
                move(entry, place);
            }
            AtomicFiles.forceDirectory(directory);
            AtomicFiles.delete(moving);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot bring back " + moving, e);
        }
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to);
        }
    }
}
