package io.github.rlhf4j.testing;

import io.github.rlhf4j.core.cluster.Backend;
import io.github.rlhf4j.core.cluster.BlobStore;
import io.github.rlhf4j.core.cluster.DistributedCluster;
import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.cluster.Task;
import io.github.rlhf4j.core.cluster.WorkerRuntime;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.wire.Blob;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * Behaves as a cluster of other machines would: tasks, inputs, models and results are bytes, and pieces are computed last to first, by a worker that forgets everything in between. Tasks that have no kind are computed here.
 */
public final class IsolatedCluster extends ForwardingCluster {
    private final Set<String> shared = new HashSet<>();
    private List<String> jobs = new ArrayList<>();

    /** @param pieces that requests of texts are cut into */
    public IsolatedCluster(Kernels kernels, int pieces) {
        super(new DistributedCluster(
                kernels, new Forgetful(Math.max(1, kernels.singles().size())), pieces, true));
    }

    /** Adds the names of jobs to these from now on. */
    public IsolatedCluster noting(List<String> names) {
        jobs = names;
        return this;
    }

    @Override
    public <I, O> List<O> map(String name, List<I> inputs, Task<I, O> task, LongConsumer progress) {
        jobs.add(name);
        return super.map(name, inputs, task, progress);
    }

    @Override
    public <I, O> Supplier<List<O>> begin(String name, List<I> inputs, Task<I, O> task) {
        jobs.add(name);
        return other().begin(name, inputs, task);
    }

    @Override
    public SharedModel share(String name, Transformer model) {
        SharedModel inner = super.share(name, model);
        shared.add(name);
        return inner.andThen(() -> shared.remove(name));
    }

    @Override
    public void close() {
        if (!shared.isEmpty()) {
            throw new IllegalStateException("still shared: " + shared);
        }
        super.close();
    }

    /** Takes a new worker for every piece. */
    private static final class Forgetful implements Backend {
        private final int processors;
        private final Map<String, Blob> blobs = new HashMap<>();

        private Forgetful(int processors) {
            this.processors = processors;
        }

        @Override
        public List<byte[]> run(Work work, LongConsumer progress) {
            work.blobs().forEach(blob -> blobs.put(blob.sha256(), blob));
            List<byte[]> lastToFirst = new ArrayList<>();
            for (int piece = work.inputs().size() - 1; piece >= 0; piece--) {
                try (WorkerRuntime worker = new WorkerRuntime(1, processors, BlobStore.of(blobs))) {
                    lastToFirst.add(worker.run(work.header(), work.inputs().get(piece), progress));
                }
            }
            Collections.reverse(lastToFirst);
            return lastToFirst;
        }

        @Override
        public int workers() {
            return 1;
        }

        @Override
        public void forget(Blob blob) {
            blobs.remove(blob.sha256());
        }

        @Override
        public String description() {
            return "a worker that forgets";
        }

        @Override
        public void close() {}
    }
}
