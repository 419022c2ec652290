package io.github.rlhf4j.pipeline.config;

import io.github.rlhf4j.core.UserError;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Collects what is wrong with a run file, so that everything is reported at once. */
public final class Problems {
    private final Set<String> lines = new LinkedHashSet<>();

    /** Adds one problem, a line of its own. */
    public void add(String line) {
        lines.add(line);
    }

    /** Whether there is none. */
    public boolean isEmpty() {
        return lines.isEmpty();
    }

    /** The lines so far. */
    public List<String> lines() {
        return List.copyOf(lines);
    }

    /**
     * Ends the collection.
     *
     * @throws UserError with all lines when there are some
     */
    public void throwIfAny() {
        if (lines.isEmpty()) {
            return;
        }
        List<String> message = new ArrayList<>(lines);
        if (message.size() > 1) {
            message.add(0, message.size() + " mistakes in the configuration:");
        }
        throw new UserError(String.join("\n  ", message));
    }
}
