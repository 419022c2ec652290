package io.github.rlhf4j.core.cluster;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.wire.Blob;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Workers that are Java processes of this machine, with this one's class path and options. One that dies or is silent is replaced, and its piece given to another. */
public final class ProcessesBackend implements Backend {
    private static final int ATTEMPTS = 4; // of a piece, as Spark has it

    private final ClusterSettings settings;
    private final Canary canary = Canary.compute();
    private final List<@Nullable RemoteWorker> workers;

    /**
     * Starts them.
     *
     * @throws UserError where they do not start, or compute other bytes than this process
     */
    public ProcessesBackend(int workers, ClusterSettings settings) {
        this.settings = settings;
        this.workers = new ArrayList<>(Arrays.asList(new RemoteWorker[workers]));
        try {
            Pieces none = new Pieces(new Work("start", new byte[0], List.of(), List.of()), units -> {});
            together(none, slot -> worker(slot));
            none.throwIfFailed();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** What each thread of a driver does. */
    private interface OfSlot {
        void run(int slot) throws IOException;
    }

    private void together(Pieces pieces, OfSlot work) {
        CountDownLatch running = new CountDownLatch(workers.size());
        for (int i = 0; i < workers.size(); i++) {
            int slot = i;
            Thread thread = new Thread(
                    () -> {
                        try {
                            work.run(slot);
                        } catch (IOException e) {
                            pieces.fail(new UserError("cluster: a worker process does not start: " + e.getMessage()
                                    + "; what it said is above, if it said anything"));
                        } catch (RuntimeException | Error e) {
                            pieces.fail(e);
                        } finally {
                            running.countDown();
                        }
                    },
                    "driver of worker " + slot);
            thread.setDaemon(true);
            thread.start();
        }
        try {
            running.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while workers compute", e);
        }
    }

    /** The worker in a slot; a new one where there is none. */
    private RemoteWorker worker(int slot) throws IOException {
        RemoteWorker there = workers.get(slot);
        if (there != null) {
            return there;
        }
        RemoteWorker.Started started = RemoteWorker.start(settings);
        if (!started.canary().digest().equals(canary.digest())) {
            started.worker().close();
            throw new UserError(
                    canary.refusal("worker process " + started.worker().pid(), started.canary()));
        }
        workers.set(slot, started.worker());
        return started.worker();
    }

    @Override
    public List<byte[]> run(Work work, LongConsumer progress) {
        Pieces pieces = new Pieces(work, progress);
        together(pieces, slot -> {
            for (int piece = pieces.take(); piece >= 0; piece = pieces.take()) {
                try {
                    pieces.done(piece, run(slot, work, piece, pieces));
                } catch (IOException e) {
                    replace(slot);
                    pieces.lost(piece, String.valueOf(e.getMessage()));
                }
            }
        });
        return pieces.results();
    }

    private byte[] run(int slot, Work work, int piece, Pieces pieces) throws IOException {
        RemoteWorker worker = worker(slot);
        for (Blob blob : work.blobs()) {
            worker.give(blob);
        }
        return worker.run(work.header(), work.inputs().get(piece), pieces::advance);
    }

    private void replace(int slot) {
        RemoteWorker lost = workers.set(slot, null);
        if (lost != null) {
            lost.close();
        }
    }

    /** Process numbers, for those who watch and tests. */
    public List<Long> pids() {
        List<Long> pids = new ArrayList<>();
        for (RemoteWorker worker : workers) {
            if (worker != null) {
                pids.add(worker.pid());
            }
        }
        return pids;
    }

    @Override
    public int workers() {
        return workers.size();
    }

    @Override
    public void forget(Blob blob) {
        for (RemoteWorker worker : workers) {
            if (worker != null) {
                worker.forget(blob);
            }
        }
    }

    @Override
    public String description() {
        return workers.size() + (workers.size() == 1 ? " worker process" : " worker processes");
    }

    @Override
    public void close() {
        for (int slot = 0; slot < workers.size(); slot++) {
            replace(slot);
        }
    }

    /** Which pieces are still to be done. */
    private final class Pieces {
        private final Work work;
        private final LongConsumer progress;
        private final Deque<Integer> left = new ArrayDeque<>();
        private final int[] attempts;
        private final byte[][] results;
        private int missing;
        private @Nullable Throwable failure;

        private Pieces(Work work, LongConsumer progress) {
            this.work = work;
            this.progress = progress;
            int count = work.inputs().size();
            attempts = new int[count];
            results = new byte[count][];
            missing = count;
            for (int piece = 0; piece < count; piece++) {
                left.add(piece);
            }
        }

        /** The next piece to do, waiting for those that others may lose; -1 where there is nothing more to do. */
        private synchronized int take() {
            while (failure == null && missing > 0 && left.isEmpty()) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    fail(new IllegalStateException("interrupted", e));
                }
            }
            if (failure != null || missing == 0) {
                return -1;
            }
            return left.removeFirst();
        }

        private synchronized void done(int piece, byte[] result) {
            results[piece] = result;
            missing--;
            notifyAll();
        }

        private synchronized void lost(int piece, String how) {
            attempts[piece]++;
            String what =
                    work.name() + ": a worker was lost in piece " + (piece + 1) + " of " + results.length + ": " + how;
            if (attempts[piece] >= ATTEMPTS) {
                fail(new UserError("cluster: " + what + "; it was given to " + ATTEMPTS
                        + " workers, the last. If their memory does not suffice, take fewer workers or smaller batches,"
                        + " then continue with --resume"));
            } else {
                settings.warn().accept(what + "; another worker computes it again");
                left.addLast(piece);
                notifyAll();
            }
        }

        private synchronized void advance(long units) {
            progress.accept(units);
        }

        private synchronized void fail(Throwable thrown) {
            if (failure == null) {
                failure = thrown;
            }
            notifyAll();
        }

        private synchronized void throwIfFailed() {
            if (failure instanceof RuntimeException e) {
                throw e;
            }
            if (failure instanceof Error e) {
                throw e;
            }
        }

        private synchronized List<byte[]> results() {
            throwIfFailed();
            return Arrays.asList(results);
        }
    }
}
