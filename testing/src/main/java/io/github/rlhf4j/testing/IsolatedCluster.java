package io.github.rlhf4j.testing;

import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.cluster.ModelVersion;
import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.cluster.Task;
import io.github.rlhf4j.core.cluster.Worker;
import io.github.rlhf4j.core.generation.Generator;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.train.OptimizerSettings;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * Behaves as a cluster of other machines would: tasks, inputs and results are serialised, models are copies that are taken once a version, and pieces are computed last to first, by a worker that forgets everything in between.
 */
public final class IsolatedCluster implements Cluster {
    private final Kernels kernels;
    private final int pieces;
    private final Map<String, SharedModel> shared = new HashMap<>();

    /** @param pieces that requests of texts are cut into */
    public IsolatedCluster(Kernels kernels, int pieces) {
        this.kernels = kernels;
        this.pieces = pieces;
    }

    @Override
    public <I, O> List<O> map(String name, List<I> inputs, Task<I, O> task, LongConsumer progress) {
        List<O> lastToFirst = new ArrayList<>();
        for (int piece = inputs.size() - 1; piece >= 0; piece--) {
            try (Forgetful worker = new Forgetful(progress)) {
                lastToFirst.add(sent(sent(task).run(sent(inputs.get(piece)), worker)));
            }
        }
        Collections.reverse(lastToFirst);
        return lastToFirst;
    }

    @Override
    public int pieces() {
        return pieces;
    }

    @Override
    public SharedModel share(String name, Transformer model) {
        SharedModel handle = new SharedModel(this, name, model, () -> shared.remove(name));
        if (shared.putIfAbsent(name, handle) != null) {
            throw new IllegalStateException("two models are called " + name);
        }
        return handle;
    }

    @Override
    public void close() {
        if (!shared.isEmpty()) {
            throw new IllegalStateException("still shared: " + shared.keySet());
        }
    }

    @SuppressWarnings("unchecked")
    private static <T> T sent(T object) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        } catch (IOException e) {
            throw new IllegalStateException("cannot be sent: " + object, e);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return (T) in.readObject();
        } catch (IOException | ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Owns copies of models. */
    private final class Forgetful implements Worker, AutoCloseable {
        private final Map<ModelVersion, Transformer> copies = new HashMap<>();
        private final List<Generator> generators = new ArrayList<>();
        private final LongConsumer progress;

        private Forgetful(LongConsumer progress) {
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
            return copies.computeIfAbsent(version, this::copy);
        }

        private Transformer copy(ModelVersion version) {
            SharedModel handle = shared.get(version.model());
            if (handle == null || !handle.version().equals(version)) {
                throw new IllegalStateException(version + " is not there");
            }
            Transformer copy = handle.model().copy(false);
            if (handle.model().computesAsGenerated()) {
                copy.computeAsGenerated();
            }
            return copy;
        }

        @Override
        public Generator generator(ModelVersion version) {
            generators.add(new Generator(model(version)));
            return generators.get(generators.size() - 1);
        }

        @Override
        public BatchScorer scorer(ModelVersion version, int microBatchTokens) {
            Transformer model = model(version);
            int tokens = microBatchTokens > 0 ? microBatchTokens : OptimizerSettings.defaultMicroBatchTokens(model);
            return new BatchScorer(model, tokens);
        }

        @Override
        public void close() {
            generators.forEach(Generator::close);
            copies.values().forEach(Transformer::close);
        }
    }
}
