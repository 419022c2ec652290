package io.github.rlhf4j.core.cluster;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.Generator;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.train.OptimizerSettings;
import io.github.rlhf4j.core.wire.Blob;
import io.github.rlhf4j.core.wire.WireReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/** Does all work in this process: one piece after another, each by all threads, with the live models. */
public final class InProcessCluster implements Cluster {
    private final Kernels kernels;
    private final Map<String, Resident> residents = new HashMap<>();

    public InProcessCluster(Kernels kernels) {
        this.kernels = kernels;
    }

    @Override
    public <I, O> List<O> map(String name, List<I> inputs, Task<I, O> task, LongConsumer progress) {
        Worker worker = new LiveModels(progress);
        List<O> results = new ArrayList<>();
        for (int piece = 0; piece < inputs.size(); piece++) {
            try {
                results.add(task.run(inputs.get(piece), worker));
            } catch (UserError e) {
                throw e;
            } catch (RuntimeException e) {
                throw new TaskFailure(name, piece, inputs.size(), e);
            }
        }
        return results;
    }

    @Override
    public int pieces() {
        return 1;
    }

    @Override
    public SharedModel share(String name, Transformer model) {
        SharedModel shared = new SharedModel(this, name, model, () -> release(name));
        admit(shared);
        return shared;
    }

    /** Lets tasks use a model that another cluster shares, until it is released. */
    void admit(SharedModel shared) {
        String name = shared.version().model();
        if (residents.putIfAbsent(name, new Resident(shared)) != null) {
            throw new IllegalStateException("two models are called " + name);
        }
    }

    void release(String name) {
        Resident resident = residents.remove(name);
        if (resident != null) {
            resident.close();
        }
    }

    @Override
    public void close() {
        List.copyOf(residents.keySet()).forEach(this::release);
    }

    /** A shared model with what is made of it when it is first asked for. */
    private static final class Resident {
        private final SharedModel shared;
        private final Map<Integer, BatchScorer> scorers = new HashMap<>();
        private final List<Generator> generators = new ArrayList<>(); // at most one
        private final Map<String, Worker.Kept> made = new HashMap<>();

        private Resident(SharedModel shared) {
            this.shared = shared;
        }

        private Generator generator() {
            if (generators.isEmpty()) {
                generators.add(new Generator(shared.model()));
            }
            return generators.get(0);
        }

        private BatchScorer scorer(int microBatchTokens) {
            Transformer model = shared.model();
            return scorers.computeIfAbsent(
                    microBatchTokens > 0 ? microBatchTokens : OptimizerSettings.defaultMicroBatchTokens(model),
                    tokens -> new BatchScorer(model, tokens));
        }

        private void close() {
            generators.forEach(Generator::close);
            made.values().forEach(Worker.Kept::close);
        }
    }

    /** The newest version of each model is the model itself. */
    private final class LiveModels implements Worker {
        private final LongConsumer progress;

        private LiveModels(LongConsumer progress) {
            this.progress = progress;
        }

        @Override
        public void advance(long units) {
            progress.accept(units);
        }

        @Override
        public Kernels kernels() {
            return kernels;
        }

        @Override
        public Transformer model(ModelVersion version) {
            return resident(version).shared.model();
        }

        @Override
        public Generator generator(ModelVersion version) {
            return resident(version).generator();
        }

        @Override
        public BatchScorer scorer(ModelVersion version, int microBatchTokens) {
            return resident(version).scorer(microBatchTokens);
        }

        @Override
        public WireReader read(Blob blob) {
            return blob.reader();
        }

        @Override
        @SuppressWarnings("unchecked")
        public <R extends Worker.Kept> R kept(ModelVersion of, String key, Supplier<R> make) {
            return (R) resident(of).made.computeIfAbsent(key, missing -> make.get());
        }

        private Resident resident(ModelVersion version) {
            Resident resident = residents.get(version.model());
            if (resident == null || !resident.shared.version().equals(version)) {
                throw new IllegalStateException(version + " is not there; there is "
                        + (resident == null ? "no model of that name" : resident.shared.version()));
            }
            return resident;
        }
    }
}
