package io.github.rlhf4j.core.cluster;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.wire.Blob;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Sends tasks as bytes to the workers of a {@link Backend}, and computes here what cannot travel. Every result has a digest; one that is not whole is computed again.
 *
 * <p>Owns the backend until {@link #close}.
 */
public final class DistributedCluster implements Cluster {
    private static final int ATTEMPTS = 4;
    private static final int PIECES_OF_A_WORKER = 2;

    private final Backend backend;
    private final InProcessCluster here;
    private final int pieces;
    private final boolean ownsBackend;
    private final Map<String, TravellingModel> models = new LinkedHashMap<>();
    private final Set<Blob> given = new LinkedHashSet<>(); // of tasks
    private @Nullable Future<?> running; // what was begun
    private final Set<String> sent = new HashSet<>(); // digests
    private final Consumer<Traffic> report;
    private Traffic traffic = Traffic.NONE;

    /** As the other, with nobody to report to. */
    public DistributedCluster(Kernels kernels, Backend backend, int pieces, boolean ownsBackend) {
        this(kernels, backend, pieces, ownsBackend, cost -> {});
    }

    /**
     * @param kernels for what cannot travel
     * @param pieces that work is cut into where its results do not depend on that; 0: two for each worker that is there when work is cut
     * @param ownsBackend whether it is closed with this
     * @param report told at the end what work elsewhere has cost
     */
    public DistributedCluster(
            Kernels kernels, Backend backend, int pieces, boolean ownsBackend, Consumer<Traffic> report) {
        this.report = report;
        this.backend = backend;
        this.here = new InProcessCluster(kernels);
        this.pieces = pieces;
        this.ownsBackend = ownsBackend;
    }

    @Override
    public <I, O> List<O> map(String name, List<I> inputs, Task<I, O> task, LongConsumer progress) {
        await();
        TaskKind<Task<I, O>, I, O> kind = TaskKinds.of(task);
        if (inputs.isEmpty()) {
            return List.of();
        }
        if (kind == null || !canTravel(kind, task, inputs)) {
            return here.map(name, inputs, task, progress);
        }
        return results(work(name, inputs, task, kind), kind, progress);
    }

    @Override
    public <I, O> Supplier<List<O>> begin(String name, List<I> inputs, Task<I, O> task) {
        await();
        TaskKind<Task<I, O>, I, O> kind = TaskKinds.of(task);
        if (inputs.isEmpty() || kind == null || !canTravel(kind, task, inputs)) {
            return here.begin(name, inputs, task);
        }
        Backend.Work work = work(name, inputs, task, kind);
        FutureTask<List<O>> begun = new FutureTask<>(() -> results(work, kind, units -> {}));
        running = begun;
        Thread thread = new Thread(begun, "cluster, " + name);
        thread.setDaemon(true);
        thread.start();
        return () -> resultOf(begun);
    }

    private static <O> List<O> resultOf(Future<List<O>> begun) {
        try {
            return begun.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException known) {
                throw known;
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while workers compute", e);
        }
    }

    /** A backend is for one piece of work at a time; what came of it is told to whoever began it. */
    private void await() {
        Future<?> before = running;
        running = null;
        if (before != null) {
            try {
                before.get();
            } catch (ExecutionException e) {
                // its owner is told
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while workers compute", e);
            }
        }
    }

    private <I, O> Backend.Work work(String name, List<I> inputs, Task<I, O> task, TaskKind<Task<I, O>, I, O> kind) {
        List<SentModel> sent = kind.models(task).stream()
                .map(this::travelling)
                .map(TravellingModel::now)
                .toList();
        Set<Blob> blobs = new LinkedHashSet<>();
        sent.forEach(model -> blobs.addAll(model.blobs()));
        List<Blob> own = kind.blobs(task);
        blobs.addAll(own);
        given.addAll(own);
        WireWriter settings = new WireWriter();
        kind.writeTask(task, settings);
        byte[] header = WorkerRuntime.header(kind.name(), settings.bytes(), sent, own, models.keySet());
        List<byte[]> bytes = inputs.stream()
                .map(input -> {
                    WireWriter out = new WireWriter();
                    kind.writeInput(input, out);
                    return out.bytes();
                })
                .toList();
        return new Backend.Work(name, header, List.copyOf(blobs), bytes);
    }

    private List<byte[]> run(Backend.Work work, LongConsumer progress) {
        long once = work.blobs().stream()
                .filter(blob -> sent.add(blob.sha256()))
                .mapToLong(Blob::length)
                .sum();
        long begin = System.nanoTime();
        List<byte[]> results = backend.run(work, progress);
        double seconds = (System.nanoTime() - begin) / 1e9;
        int pieces = work.inputs().size();
        long tasks = (long) pieces * work.header().length + bytes(work.inputs());
        traffic = traffic.plus(new Traffic(1, pieces, seconds, once, tasks, bytes(results)));
        return results;
    }

    private static long bytes(List<byte[]> all) {
        return all.stream().mapToLong(bytes -> bytes.length).sum();
    }

    private void forget(Blob blob) {
        sent.remove(blob.sha256());
        backend.forget(blob);
    }

    private <I, O> boolean canTravel(TaskKind<Task<I, O>, I, O> kind, Task<I, O> task, List<I> inputs) {
        return kind.models(task).stream()
                        .allMatch(version -> travelling(version).canTravel())
                && inputs.stream().allMatch(input -> kind.canTravel(task, input));
    }

    private TravellingModel travelling(ModelVersion version) {
        TravellingModel model = models.get(version.model());
        if (model == null || !model.shared().version().equals(version)) {
            throw new IllegalStateException(version + " is not there");
        }
        return model;
    }

    private <I, O> List<O> results(Backend.Work work, TaskKind<Task<I, O>, I, O> kind, LongConsumer progress) {
        int count = work.inputs().size();
        List<@Nullable Envelope> envelopes = new ArrayList<>(Arrays.asList(new Envelope[count]));
        List<Integer> left = IntStream.range(0, count).boxed().toList();
        for (int attempt = 1; !left.isEmpty(); attempt++) {
            if (attempt > ATTEMPTS) {
                throw new UserError(work.name() + ": the result of piece " + (left.get(0) + 1) + " of " + count
                        + " arrived damaged " + ATTEMPTS
                        + " times; look at network and memory of the workers, then continue with --resume");
            }
            List<byte[]> inputs = left.stream().map(work.inputs()::get).toList();
            List<byte[]> results = run(new Backend.Work(work.name(), work.header(), work.blobs(), inputs), progress);
            List<Integer> damaged = new ArrayList<>();
            for (int i = 0; i < results.size(); i++) {
                try {
                    envelopes.set(left.get(i), Envelope.open(results.get(i)));
                } catch (IllegalStateException e) {
                    damaged.add(left.get(i));
                }
            }
            left = damaged;
        }
        List<O> outputs = new ArrayList<>();
        for (int piece = 0; piece < count; piece++) {
            Envelope envelope = envelopes.get(piece);
            outputs.add(output(work.name(), piece, count, envelope, kind));
        }
        return outputs;
    }

    private static <I, O> O output(
            String name, int piece, int pieces, @Nullable Envelope envelope, TaskKind<Task<I, O>, I, O> kind) {
        if (envelope == null) {
            throw new IllegalStateException("no result of piece " + piece);
        }
        switch (envelope.outcome()) {
            case USER_ERROR -> throw new UserError(envelope.message());
            case FILE -> throw new UncheckedIOException(envelope.message(), new IOException(envelope.message()));
            case FAILURE ->
                throw new TaskFailure(
                        name, piece, pieces, new IllegalStateException("on a worker: " + envelope.message()));
            case RESULT -> {
                WireReader in = new WireReader(envelope.payload());
                O output = kind.readOutput(in);
                in.end();
                return output;
            }
        }
        throw new IllegalStateException();
    }

    @Override
    public Kernels kernels() {
        return here.kernels();
    }

    @Override
    public boolean hasWorkers() {
        return true;
    }

    @Override
    public int pieces() {
        return pieces > 0 ? pieces : PIECES_OF_A_WORKER * backend.workers();
    }

    @Override
    public int workers() {
        return backend.workers();
    }

    @Override
    public SharedModel share(String name, Transformer model) {
        SharedModel shared = new SharedModel(this, name, model, () -> release(name));
        here.admit(shared);
        models.put(name, new TravellingModel(shared, this::forget));
        return shared;
    }

    private void release(String name) {
        await();
        TravellingModel model = models.remove(name);
        if (model != null) {
            model.close();
        }
        here.release(name);
    }

    @Override
    public void close() {
        await();
        List.copyOf(models.keySet()).forEach(this::release);
        given.forEach(this::forget);
        given.clear();
        here.close();
        if (traffic.jobs() > 0) {
            report.accept(traffic);
        }
        if (ownsBackend) {
            backend.close();
        }
    }
}
