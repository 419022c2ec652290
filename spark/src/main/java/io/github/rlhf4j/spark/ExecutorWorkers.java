package io.github.rlhf4j.spark;

import io.github.rlhf4j.core.cluster.BlobStore;
import io.github.rlhf4j.core.cluster.Canary;
import io.github.rlhf4j.core.cluster.WorkerRuntime;
import java.util.concurrent.ConcurrentLinkedDeque;

/** The workers of one Java process of Spark's: as many as it runs tasks at once, each with its own models, which stay from task to task. */
final class ExecutorWorkers {
    private static final ConcurrentLinkedDeque<ExecutorWorkers> IDLE = new ConcurrentLinkedDeque<>();

    private final int threads;
    private final int processors;
    private final WorkerRuntime runtime;
    private volatile BlobStore blobs = reference -> {
        throw new IllegalStateException("no task runs");
    };

    /** Computed once a process, when its first task comes. */
    private static final class Here {
        private static final Canary CANARY = Canary.compute();
    }

    private ExecutorWorkers(int threads, int processors) {
        this.threads = threads;
        this.processors = processors;
        this.runtime = new WorkerRuntime(threads, processors, reference -> blobs.get(reference));
    }

    static Canary canary() {
        return Here.CANARY;
    }

    /** Runs a task on a worker that is free, the one that was used last, or on a new one. */
    static byte[] run(int threads, int processors, BlobStore blobs, byte[] header, byte[] input) {
        ExecutorWorkers worker = IDLE.pollFirst();
        while (worker != null && (worker.threads != threads || worker.processors != processors)) {
            worker.runtime.close();
            worker = IDLE.pollFirst();
        }
        if (worker == null) {
            worker = new ExecutorWorkers(threads, processors);
        }
        worker.blobs = blobs;
        byte[] result;
        try {
            result = worker.runtime.run(header, input, units -> {});
        } catch (Throwable e) { // what an Error leaves is nobody's: its models are native memory
            worker.runtime.close();
            throw e;
        }
        IDLE.addFirst(worker);
        return result;
    }

    /** Ends those of this process. */
    static void close() {
        for (ExecutorWorkers worker = IDLE.pollFirst(); worker != null; worker = IDLE.pollFirst()) {
            worker.runtime.close();
        }
    }
}
