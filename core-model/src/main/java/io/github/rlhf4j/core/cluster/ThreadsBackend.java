package io.github.rlhf4j.core.cluster;

import io.github.rlhf4j.core.wire.Blob;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;

/** Workers that are threads of this process, each with its own copies of the models: what other processes would do, without them. */
public final class ThreadsBackend implements Backend {
    private final List<WorkerRuntime> workers = new ArrayList<>();
    private final Map<String, Blob> blobs = new ConcurrentHashMap<>();
    private final ExecutorService threads;

    /**
     * @param workers >= 1
     * @param threadsOfEach of its kernels
     * @param processors of the machine whose bytes are computed
     */
    public ThreadsBackend(int workers, int threadsOfEach, int processors) {
        for (int i = 0; i < workers; i++) {
            this.workers.add(new WorkerRuntime(threadsOfEach, processors, BlobStore.of(blobs)));
        }
        threads = Executors.newFixedThreadPool(workers, runnable -> {
            Thread thread = new Thread(runnable, "cluster worker");
            thread.setDaemon(true);
            return thread;
        });
    }

    @Override
    public List<byte[]> run(Work work, LongConsumer progress) {
        work.blobs().forEach(blob -> blobs.put(blob.sha256(), blob));
        byte[][] results = new byte[work.inputs().size()][];
        AtomicInteger next = new AtomicInteger();
        LongConsumer inTurn = units -> {
            synchronized (this) {
                progress.accept(units);
            }
        };
        List<Future<?>> running = new ArrayList<>();
        for (WorkerRuntime worker : workers) {
            running.add(threads.submit(() -> {
                for (int piece = next.getAndIncrement(); piece < results.length; piece = next.getAndIncrement()) {
                    results[piece] = worker.run(work.header(), work.inputs().get(piece), inTurn);
                }
            }));
        }
        running.forEach(ThreadsBackend::await);
        return Arrays.asList(results);
    }

    private static void await(Future<?> work) {
        try {
            work.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while workers compute", e);
        }
    }

    @Override
    public int workers() {
        return workers.size();
    }

    @Override
    public void forget(Blob blob) {
        blobs.remove(blob.sha256());
    }

    @Override
    public String description() {
        return workers.size() + (workers.size() == 1 ? " worker thread" : " worker threads");
    }

    @Override
    public void close() {
        threads.shutdown();
        workers.forEach(WorkerRuntime::close);
    }
}
