package io.github.rlhf4j.pipeline.run;

import io.github.rlhf4j.core.files.AtomicFiles;
import java.nio.file.Path;

/** A run that is not wanted any more. */
public final class FormerRun {
    private FormerRun() {}

    /** Whether a folder is a run's. */
    public static boolean isOne(Path folder) {
        return RunFolder.look(folder) == RunFolder.State.RUN;
    }

    /**
     * Removes what a run has made.
     *
     * @throws io.github.rlhf4j.core.UserError where the folder holds something else too, or a process works in it; nothing is removed then
     */
    public static void remove(Path folder) {
        try (RunFolder run = RunFolder.lock(folder)) {
            run.requireOwn().forEach(name -> AtomicFiles.delete(folder.resolve(name)));
        }
        AtomicFiles.delete(folder);
    }
}
