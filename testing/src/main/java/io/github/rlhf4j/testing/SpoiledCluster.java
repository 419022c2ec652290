package io.github.rlhf4j.testing;

import io.github.rlhf4j.core.cluster.InProcessCluster;
import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.cluster.Task;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.Transformer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.LongConsumer;

/** Computes here, and shows each result to somebody who may change it, as a broken machine would: scores, log-probs and values that are no numbers. */
public final class SpoiledCluster extends ForwardingCluster {
    private final BiConsumer<String, Object> broken;
    private final Map<String, Shared> models = new HashMap<>();

    /** A model as the stage has it, and as it is known where it is computed with. */
    private record Shared(SharedModel outer, SharedModel inner) {
        void follow() {
            while (!inner.version().equals(outer.version())) {
                inner.changed();
            }
        }
    }

    /** @param broken takes the name of the work and what came back */
    public SpoiledCluster(Kernels kernels, BiConsumer<String, Object> broken) {
        super(new InProcessCluster(kernels));
        this.broken = broken;
    }

    @Override
    public <I, O> List<O> map(String name, List<I> inputs, Task<I, O> task, LongConsumer progress) {
        models.values().forEach(Shared::follow);
        List<O> results = super.map(name, inputs, task, progress);
        results.forEach(result -> broken.accept(name, result));
        return results;
    }

    @Override
    public SharedModel share(String name, Transformer model) {
        SharedModel inner = super.share(name, model);
        SharedModel outer = new SharedModel(this, name, model, () -> {
            models.remove(name);
            inner.close();
        });
        models.put(name, new Shared(outer, inner));
        return outer;
    }
}
