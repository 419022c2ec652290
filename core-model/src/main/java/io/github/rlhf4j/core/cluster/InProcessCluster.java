package io.github.rlhf4j.core.cluster;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.Generator;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.wire.Blob;
import io.github.rlhf4j.core.wire.WireReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/** Does all work in this process: one piece after another, each by all threads, with the live models. */
public final class InProcessCluster implements Cluster {
    private final Kernels kernels;
    private final Map<String, Resident> residents = new HashMap<>();
    private final MadeOfBytes made = new MadeOfBytes();

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
            } catch (UserError | UncheckedIOException e) {
                throw e;
            } catch (RuntimeException e) {
                throw new TaskFailure(name, piece, inputs.size(), e);
            }
        }
        return results;
    }

    @Override
    public Kernels kernels() {
        return kernels;
    }

    @Override
    public boolean hasWorkers() {
        return false;
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
        if (residents.putIfAbsent(name, new Resident(shared, new MadeOfModel(shared.model()))) != null) {
            throw new IllegalStateException("two models are called " + name);
        }
    }

    void release(String name) {
        Resident resident = residents.remove(name);
        if (resident != null) {
            resident.made().close();
        }
    }

    @Override
    public void close() {
        List.copyOf(residents.keySet()).forEach(this::release);
        made.keep(Set.of());
    }

    /** A shared model with what is made of it. */
    private record Resident(SharedModel shared, MadeOfModel made) {}

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
            return made(version).model();
        }

        @Override
        public Generator generator(ModelVersion version) {
            return made(version).generator();
        }

        @Override
        public BatchScorer scorer(ModelVersion version, int microBatchTokens) {
            return made(version).scorer(microBatchTokens);
        }

        @Override
        public <R extends Worker.Kept> R kept(ModelVersion of, String key, Supplier<R> make) {
            return made(of).kept(key, make);
        }

        @Override
        public <R> R made(Blob of, Function<WireReader, R> make) {
            return made.of(of, () -> make.apply(of.reader()));
        }

        private MadeOfModel made(ModelVersion version) {
            Resident resident = residents.get(version.model());
            if (resident == null || !resident.shared().version().equals(version)) {
                throw new IllegalStateException(version + " is not there; there is "
                        + (resident == null
                                ? "no model of that name"
                                : resident.shared().version()));
            }
            return resident.made();
        }
    }
}
