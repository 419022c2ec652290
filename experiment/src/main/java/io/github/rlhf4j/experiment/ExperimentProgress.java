package io.github.rlhf4j.experiment;

import io.github.rlhf4j.pipeline.run.ProcessFile;
import io.github.rlhf4j.pipeline.run.RunProcess;
import java.nio.file.Path;
import java.util.List;

/**
 * Tells others how many of an experiment's runs are complete, by the file .process of its folder, whose steps are runs, and hears the wish that it stops, the file .stop there: {@link RunProcess}. For several threads.
 */
final class ExperimentProgress {
    private static final String TYPE = "experiment";

    private final ProcessFile file;
    private final long runs;
    private long complete;
    private String latest = "";

    /**
     * Writes nothing yet.
     *
     * @param runs how many there are to be
     */
    ExperimentProgress(Path folder, long runs) {
        file = new ProcessFile(folder, List.of());
        this.runs = runs;
    }

    /** The experiment begins. */
    void begin() {
        file.clear();
        write(RunProcess.State.RUNNING, "");
    }

    /** A run begins. */
    synchronized void began(String label) {
        latest = label;
        write(RunProcess.State.RUNNING, "");
    }

    /** So many runs are complete. */
    synchronized void complete(long count) {
        complete = count;
        write(RunProcess.State.RUNNING, "");
    }

    /** The experiment has ended. */
    void end(RunProcess.State state, String message) {
        file.clear();
        write(state, message);
    }

    private synchronized void write(RunProcess.State state, String message) {
        file.write(state, latest, TYPE, complete, runs, message);
    }

    /** Whether somebody wishes that it stops. */
    boolean isStopWished() {
        return file.isStopWished();
    }
}
