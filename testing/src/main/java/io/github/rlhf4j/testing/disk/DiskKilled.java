package io.github.rlhf4j.testing.disk;

/** Thrown by every change of the disk after the process was killed. */
public final class DiskKilled extends Error {
    private static final long serialVersionUID = 1;

    DiskKilled() {
        super("killed", null, false, false);
    }
}
