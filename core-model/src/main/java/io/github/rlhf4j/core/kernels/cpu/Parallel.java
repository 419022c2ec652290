package io.github.rlhf4j.core.kernels.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A fixed set of daemon threads that share out the tiles of one job at a time.
 *
 * <p>Which thread computes a tile is chance; what it computes must depend on the tile's index alone. The caller works too, so {@code threads} counts it. Nothing is
 * allocated per job. A job neither waits for a thread that took no tile nor wakes one when it has a single tile.
 */
final class Parallel implements AutoCloseable {
    private static final int COUNT_BITS = 20;
    private static final long COUNT_MASK = (1L << COUNT_BITS) - 1;
    private static final int SPINS = 4_000;

    /** What a job does for each tile. */
    interface TileBody {
        /** @param worker 0 .. threads - 1, the index of the executing thread's own workspace */
        void run(int tile, int worker);
    }

    private final Worker[] workers;
    /** [epoch | tiles | next tile]: one compare-and-set claims a tile and cannot mix two jobs. */
    private final AtomicLong state = new AtomicLong();

    private final AtomicInteger unfinished = new AtomicInteger();
    private volatile @Nullable TileBody body;
    private volatile @Nullable Throwable failure;
    private volatile @Nullable Thread waiter;
    private volatile boolean closed;
    private long epoch;

    Parallel(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be >= 1, but is " + threads);
        }
        workers = new Worker[threads - 1];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new Worker(i + 1);
            workers[i].start();
        }
    }

    int threads() {
        return workers.length + 1;
    }

    /** Runs {@code job} for tiles 0 .. tiles - 1 and returns when all are done; the first exception of a tile is thrown then. One caller at a time. */
    void forEachTile(int tiles, TileBody job) {
        if (tiles == 1 || workers.length == 0) {
            for (int tile = 0; tile < tiles; tile++) {
                job.run(tile, 0);
            }
            return;
        }
        if (tiles <= 0) {
            return;
        }
        if (tiles > COUNT_MASK) {
            throw new IllegalArgumentException(tiles + " tiles are too many");
        }
        publish(tiles, job);
        runTiles(0);
        awaitTheOthers();
        Throwable thrown = failure;
        if (thrown != null) {
            failure = null;
            throw asUnchecked(thrown);
        }
    }

    private void publish(int tiles, TileBody job) {
        body = job;
        unfinished.set(tiles);
        epoch++;
        state.set(epoch << 2 * COUNT_BITS | (long) tiles << COUNT_BITS);
        int wanted = Math.min(workers.length, tiles - 1);
        for (int i = 0; i < wanted; i++) {
            if (workers[i].parked) {
                LockSupport.unpark(workers[i]);
            }
        }
    }

    private boolean hasTiles() {
        long now = state.get();
        return (now & COUNT_MASK) < (now >>> COUNT_BITS & COUNT_MASK);
    }

    /** Claims and runs tiles until none is left. */
    private void runTiles(int worker) {
        while (true) {
            long now = state.get();
            long tile = now & COUNT_MASK;
            if (tile >= (now >>> COUNT_BITS & COUNT_MASK)) {
                return;
            }
            if (state.compareAndSet(now, now + 1)) {
                runTile((int) tile, worker);
            }
        }
    }

    @SuppressWarnings("NullAway") // the job cannot end, nor its body change, before the claimed tile is done
    private void runTile(int tile, int worker) {
        try {
            body.run(tile, worker);
        } catch (Throwable thrown) {
            failure = thrown;
        }
        if (unfinished.decrementAndGet() == 0) {
            Thread waiting = waiter;
            if (waiting != null) {
                LockSupport.unpark(waiting);
            }
        }
    }

    private void awaitTheOthers() {
        for (int spin = 0; spin < SPINS; spin++) {
            if (unfinished.get() == 0) {
                return;
            }
            Thread.onSpinWait();
        }
        waiter = Thread.currentThread();
        while (unfinished.get() != 0) {
            LockSupport.park(this);
        }
        waiter = null;
    }

    private static RuntimeException asUnchecked(Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        return thrown instanceof RuntimeException exception ? exception : new IllegalStateException(thrown);
    }

    @Override
    public void close() {
        closed = true;
        for (Worker worker : workers) {
            LockSupport.unpark(worker);
        }
    }

    private final class Worker extends Thread {
        private final int index;
        private volatile boolean parked;

        Worker(int index) {
            super("rlhf4j-kernels-" + index);
            this.index = index;
            setDaemon(true);
        }

        @Override
        public void run() {
            while (!closed) {
                runTiles(index);
                idle();
            }
        }

        private void idle() {
            for (int spin = 0; spin < SPINS; spin++) {
                if (hasTiles()) {
                    return;
                }
                Thread.onSpinWait();
            }
            parked = true;
            while (!hasTiles() && !closed) {
                LockSupport.park(Parallel.this);
            }
            parked = false;
        }
    }
}
