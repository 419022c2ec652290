package io.github.rlhf4j.core.files;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

/** What this process is writing and has not yet moved into place: removed when a signal ends it. */
final class Temporaries {
    private static final int TRIES = 5; // a thread may still be writing into a directory

    private static final Temporaries OF_THIS_PROCESS = new Temporaries();

    private final Set<Path> paths = new LinkedHashSet<>();
    private boolean hooked;
    private boolean ending;

    private Temporaries() {}

    static Temporaries ofThisProcess() {
        return OF_THIS_PROCESS;
    }

    synchronized void add(Path temporary) {
        if (!hooked && !ending) {
            hooked = true;
            Runtime.getRuntime().addShutdownHook(new Thread(this::removeAll, "rlhf4j-temporaries"));
        }
        paths.add(temporary);
    }

    synchronized void remove(Path temporary) {
        paths.remove(temporary);
    }

    /** Work that a signal does not fall into: either whole, or not begun. */
    @FunctionalInterface
    interface Moves {
        void run() throws IOException;
    }

    /** Moves a finished temporary into place. */
    synchronized void finish(Path temporary, Moves moves) throws IOException {
        if (ending) {
            throw new IOException("the program is ending");
        }
        moves.run();
        paths.remove(temporary);
    }

    private synchronized void removeAll() {
        ending = true;
        for (Path path : paths) {
            for (int i = 0; i < TRIES && !removed(path); i++) {
                // again
            }
        }
    }

    private static boolean removed(Path path) {
        try {
            AtomicFiles.deleteTree(path);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
