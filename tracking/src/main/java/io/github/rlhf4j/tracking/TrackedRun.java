package io.github.rlhf4j.tracking;

import io.github.rlhf4j.core.stage.Console;
import java.nio.file.Path;

/**
 * The run that a tracker is told of.
 *
 * @param name of the run
 * @param seed of the run
 * @param folder runs/&lt;name&gt;/
 * @param console for the person who watches
 */
public record TrackedRun(String name, long seed, Path folder, Console console) {
    /** The folder, in the run's own, where trackers leave their files. */
    public static final String FILES = "trackers";

    /** Where a tracker leaves its files; it makes the folder itself. */
    public Path files() {
        return folder.resolve(FILES);
    }
}
