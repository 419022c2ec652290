package io.github.rlhf4j.tinker;

import io.github.rlhf4j.server.HttpFailure;
import java.time.Duration;
import java.util.TreeMap;
import java.util.concurrent.Executor;

/** The requests of one model, done in the order of their numbers however they come: the SDK sends parts of a request at once. */
final class Turns {
    /** A client counts by one and has few requests on their way: what is further ahead is no number of its. */
    private static final long MOST_AHEAD = 100_000;

    private final Executor engine;
    private final TreeMap<Long, Early> early = new TreeMap<>(); // guarded by this, as what follows
    private long next = 1;

    /** A request before its turn, with what is done where its turn never comes. */
    private record Early(Runnable request, Runnable late, long since) {}

    Turns(Executor engine) {
        this.engine = engine;
    }

    /** Fails where so many requests cannot be on their way before this one. */
    synchronized void require(long number) {
        if (number > next + MOST_AHEAD) {
            throw new HttpFailure(
                    400,
                    "seq_id must count the requests of a model, 1, 2, 3, but is " + number + " after " + (next - 1));
        }
    }

    /**
     * Does a request when its turn comes; one without a number, or a late one, at once.
     *
     * @param late is done instead where those before it do not come
     */
    synchronized void add(long number, Runnable request, Runnable late) {
        if (number < next) {
            engine.execute(request);
            return;
        }
        early.put(number, new Early(request, late, System.nanoTime()));
        for (Early ready = early.remove(next); ready != null; ready = early.remove(next)) {
            engine.execute(ready.request());
            next++;
        }
    }

    /** Gives up those that have waited too long: one before them never came, or was refused. */
    synchronized void giveUp(Duration patience) {
        long now = System.nanoTime();
        if (early.values().stream().noneMatch(each -> now - each.since() > patience.toNanos())) {
            return;
        }
        next = early.lastKey() + 1;
        early.values().forEach(each -> engine.execute(each.late()));
        early.clear();
    }
}
