package io.github.rlhf4j.testing;

import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.cluster.Task;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.Transformer;
import java.util.List;
import java.util.function.LongConsumer;

/** A cluster that does what another does, but for what is overridden. */
public abstract class ForwardingCluster implements Cluster {
    private final Cluster other;

    protected ForwardingCluster(Cluster other) {
        this.other = other;
    }

    /** The other. */
    protected final Cluster other() {
        return other;
    }

    @Override
    public <I, O> List<O> map(String name, List<I> inputs, Task<I, O> task, LongConsumer progress) {
        return other.map(name, inputs, task, progress);
    }

    @Override
    public Kernels kernels() {
        return other.kernels();
    }

    @Override
    public boolean hasWorkers() {
        return other.hasWorkers();
    }

    @Override
    public int pieces() {
        return other.pieces();
    }

    @Override
    public SharedModel share(String name, Transformer model) {
        return other.share(name, model);
    }

    @Override
    public void close() {
        other.close();
    }
}
