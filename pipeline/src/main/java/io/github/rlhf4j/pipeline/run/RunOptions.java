package io.github.rlhf4j.pipeline.run;

import io.github.rlhf4j.core.UserError;
import java.util.Optional;

/**
 * What to do with results that exist.
 *
 * @param from run this stage and those after it anew, reusing the earlier ones
 * @param only run this stage alone, reusing those it reads
 * @param resume go on where a run has ended
 * @param overwrite remove what is there first
 */
public record RunOptions(Optional<String> from, Optional<String> only, boolean resume, boolean overwrite) {
    /** A new run. */
    public static final RunOptions FRESH = new RunOptions(Optional.empty(), Optional.empty(), false, false);

    public RunOptions {
        if (resume && overwrite) {
            throw new UserError("--resume and --overwrite exclude each other; give one of them");
        }
        if (from.isPresent() && only.isPresent()) {
            throw new UserError("--from and --only exclude each other; give one of them");
        }
    }

    /** Whether part of an existing run is wanted. */
    boolean reuses() {
        return from.isPresent() || only.isPresent();
    }
}
