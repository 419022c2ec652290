package io.github.rlhf4j.tinker;

import java.util.TreeMap;
import java.util.concurrent.Executor;

/** The requests of one model, done in the order of their numbers however they come: the SDK sends parts of a request at once. */
final class Turns {
    private final Executor engine;
    private final TreeMap<Long, Runnable> early = new TreeMap<>(); // guarded by this, as what follows
    private long next = 1;

    Turns(Executor engine) {
        this.engine = engine;
    }

    /** Does a request when its turn comes; one without a number, or a late one, at once. */
    synchronized void add(long number, Runnable request) {
        if (number < next) {
            engine.execute(request);
            return;
        }
        early.put(number, request);
        for (Runnable ready = early.remove(next); ready != null; ready = early.remove(next)) {
            engine.execute(ready);
            next++;
        }
    }
}
