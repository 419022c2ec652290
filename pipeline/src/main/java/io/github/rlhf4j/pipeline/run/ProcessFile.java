package io.github.rlhf4j.pipeline.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.files.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;

/** A folder's .process as this process writes it, for {@link RunProcess}, and the wishes that others leave beside it. A file that cannot be written ends nothing. */
public final class ProcessFile {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Path directory;
    private final List<String> stages;
    private final Instant begun = Instant.now();

    /**
     * Writes nothing yet.
     *
     * @param stages of the run, in its order
     */
    public ProcessFile(Path directory, List<String> stages) {
        this.directory = directory;
        this.stages = List.copyOf(stages);
    }

    /** Work begins or ends: takes away wishes, and what a process that died had half written. The folder is this process's alone. */
    public void clear() {
        take(RunProcess.STOP);
        take(RunProcess.CHECKPOINT);
        try {
            AtomicFiles.deleteTemporariesOf(List.of(RunProcess.FILE), directory);
        } catch (IOException | UncheckedIOException e) {
            // what keeps it from being removed the work itself will find
        }
    }

    /** Tells how far the work is; the components of {@link RunProcess}. */
    public void write(RunProcess.State state, String stage, String type, long step, long steps, String message) {
        ProcessHandle process = ProcessHandle.current();
        RunProcess now = new RunProcess(
                process.pid(),
                process.info().startInstant().orElse(Instant.EPOCH),
                begun,
                state,
                stages,
                stage,
                type,
                step,
                steps,
                message);
        Path beside = AtomicFiles.temporary(directory.resolve(RunProcess.FILE));
        try {
            Files.writeString(beside, MAPPER.writeValueAsString(now.tree()) + "\n");
            Files.move(
                    beside,
                    directory.resolve(RunProcess.FILE),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            // the folder is gone or the disk is full, which the work itself will find
            remove(beside);
        }
    }

    /** Whether somebody wishes that the work stops. */
    public boolean isStopWished() {
        return Files.exists(directory.resolve(RunProcess.STOP));
    }

    /** Whether somebody wished a checkpoint; once for each wish. */
    public boolean takeCheckpointWish() {
        return Files.exists(directory.resolve(RunProcess.CHECKPOINT)) && take(RunProcess.CHECKPOINT);
    }

    private boolean take(String file) {
        return remove(directory.resolve(file));
    }

    private static boolean remove(Path file) {
        try {
            return Files.deleteIfExists(file);
        } catch (IOException e) {
            return false;
        }
    }
}
