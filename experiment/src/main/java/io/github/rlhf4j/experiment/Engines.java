package io.github.rlhf4j.experiment;

import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.core.stage.Console;

/** Opens engines, one for each of the runs that are made side by side. */
@FunctionalInterface
public interface Engines {
    /**
     * An engine, which the experiment closes.
     *
     * @param threads of it; 0: as many as the caller has
     * @param console for the lines of its runs
     */
    Rlhf4j open(int threads, Console console);
}
