package io.github.rlhf4j.serve;

import io.github.rlhf4j.core.generation.ContinuousBatch;
import io.github.rlhf4j.core.generation.LiveRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one thread that computes: takes requests in, and steps the batch for as long as there is something to do. */
final class BatchLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BatchLoop.class);

    private final ContinuousBatch batch;
    private final BlockingQueue<List<LiveRequest>> inbox = new LinkedBlockingQueue<>();
    private final List<LiveRequest> given = new ArrayList<>(); // those of which nobody knows that they have ended
    private final Thread thread = new Thread(this::run, "batch");
    private volatile boolean ended;
    private boolean failed; // guarded by this
    private volatile State state = new State(0, 0, 0);

    /**
     * What it is doing.
     *
     * @param running sequences
     * @param waiting requests
     * @param cacheUse in [0, 1]
     */
    record State(int running, int waiting, double cacheUse) {}

    BatchLoop(ContinuousBatch batch) {
        this.batch = batch;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /**
     * Requests that begin together, as far as there is room.
     *
     * @return whether it takes them; it computes no more otherwise
     */
    synchronized boolean add(List<LiveRequest> requests) {
        return !failed && isAlive() && inbox.add(requests);
    }

    State state() {
        return state;
    }

    /** Whether it computes; it has ended where the program has a mistake. */
    boolean isAlive() {
        return thread.isAlive();
    }

    private void run() {
        try {
            while (!ended) {
                for (List<LiveRequest> next = inbox.poll(); next != null; next = inbox.poll()) {
                    takeIn(next);
                }
                boolean worked = batch.step();
                state = new State(batch.running(), batch.waiting(), batch.cacheUse());
                if (!worked) {
                    given.clear();
                    List<LiveRequest> next = inbox.poll(1, TimeUnit.SECONDS);
                    if (next != null) {
                        takeIn(next);
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            LOG.error("the server cannot compute any more", e);
            failAll(e);
        }
    }

    private void takeIn(List<LiveRequest> requests) {
        given.removeIf(request -> request.listener().isUnwanted());
        given.addAll(requests);
        requests.forEach(batch::add);
    }

    private void failAll(Throwable cause) {
        RuntimeException failure = new IllegalStateException("the server cannot compute any more", cause);
        synchronized (this) {
            failed = true; // nothing comes in after this
        }
        inbox.forEach(given::addAll);
        given.forEach(request -> request.listener().onFailed(failure));
    }

    /** Ends after the step that is running. */
    @Override
    public void close() {
        ended = true;
        try {
            thread.interrupt();
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        batch.close();
    }
}
