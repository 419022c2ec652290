package io.github.rlhf4j.pipeline.run;

import java.util.OptionalLong;

/** How much native memory this process may take. */
public final class MemoryBound {
    private MemoryBound() {}

    /** In bytes, as the launcher or the libraries' properties give it; empty where there is no bound. */
    public static OptionalLong ofProcess() {
        return MemoryCheck.boundOfProcess();
    }
}
