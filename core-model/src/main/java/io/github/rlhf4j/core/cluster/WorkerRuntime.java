package io.github.rlhf4j.core.cluster;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.Generator;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.wire.Blob;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * Runs tasks that came as bytes. Models stay from one task to the next, so that only what has changed is read again.
 *
 * <p>Owns its kernels and models until {@link #close}. Used by one thread at a time.
 */
public final class WorkerRuntime implements AutoCloseable {
    private final CpuKernels kernels;
    private final BlobStore blobs;
    private final Map<String, HeldModel> models = new HashMap<>();
    private final MadeOfBytes made = new MadeOfBytes();

    /**
     * @param threads its own, >= 1; results do not depend on it
     * @param processors of the machine whose bytes it computes: the driver's
     * @param blobs what travelled to it
     */
    public WorkerRuntime(int threads, int processors, BlobStore blobs) {
        this.kernels = new CpuKernels(threads, processors);
        this.blobs = blobs;
    }

    /** What a worker answers that must not compute: a result that the driver throws as the user's mistake. */
    public static byte[] refusal(String message) {
        return Envelope.failure(new UserError(message)).bytes();
    }

    /** The units of work of a result of {@link #run}, for backends that hear of it when it is done; 0 where the bytes were damaged. */
    public static long units(byte[] result) {
        try {
            return Envelope.open(result).units();
        } catch (IllegalStateException e) {
            return 0; // it will be computed again
        }
    }

    /** What {@link #run} takes as a header. */
    static byte[] header(String kind, byte[] task, List<SentModel> models, List<Blob> blobs, Set<String> shared) {
        return new WireWriter()
                .putText(kind)
                .putList(List.copyOf(shared), WireWriter::putText)
                .putList(models, (out, model) -> model.write(out))
                .putList(blobs, WireWriter::putReference)
                .putBytes(task)
                .bytes();
    }

    /**
     * Runs a task on one input.
     *
     * @param header what is to be done, as {@link Backend.Work} has it
     * @param progress told of units as they are done
     * @return an envelope: the result, or what the task threw
     */
    public byte[] run(byte[] header, byte[] input, LongConsumer progress) {
        try {
            return result(header, input, progress).bytes();
        } catch (RuntimeException e) {
            return Envelope.failure(e).bytes();
        }
    }

    private Envelope result(byte[] header, byte[] input, LongConsumer progress) {
        WireReader in = new WireReader(header);
        TaskKind<Task<Object, Object>, Object, Object> kind = TaskKinds.named(in.getText());
        Set<String> shared = new HashSet<>(in.getList(WireReader::getText));
        Map<ModelVersion, SentModel> sent = new LinkedHashMap<>();
        in.getList(SentModel::read).forEach(model -> sent.put(model.version(), model));
        Set<String> wanted = new HashSet<>();
        in.getList(WireReader::getReference).forEach(blob -> wanted.add(blob.sha256()));
        made.keep(wanted);
        Task<Object, Object> task = kind.readTask(new WireReader(in.getBytes()));
        in.end();
        forgetAllBut(shared);
        long[] units = {0};
        Object output = task.run(kind.readInput(new WireReader(input)), new Here(sent, more -> {
            units[0] += more;
            progress.accept(more);
        }));
        WireWriter out = new WireWriter();
        kind.writeOutput(output, out);
        return new Envelope(Envelope.Outcome.RESULT, units[0], out.bytes());
    }

    private void forgetAllBut(Set<String> shared) {
        models.entrySet().removeIf(entry -> {
            if (shared.contains(entry.getKey())) {
                return false;
            }
            entry.getValue().close();
            return true;
        });
    }

    @Override
    public void close() {
        made.keep(Set.of());
        models.values().forEach(HeldModel::close);
        models.clear();
        kernels.close();
    }

    /** What a task finds. */
    private final class Here implements Worker {
        private final Map<ModelVersion, SentModel> sent;
        private final LongConsumer progress;

        private Here(Map<ModelVersion, SentModel> sent, LongConsumer progress) {
            this.sent = sent;
            this.progress = progress;
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
            return made.of(of, () -> make.apply(blobs.get(of).reader()));
        }

        @Override
        public void advance(long units) {
            progress.accept(units);
        }

        private MadeOfModel made(ModelVersion version) {
            SentModel wanted = sent.get(version);
            if (wanted == null) {
                throw new IllegalStateException(version + " is not there");
            }
            HeldModel held = models.get(version.model());
            if (held != null && held.become(wanted, blobs)) {
                return held.made();
            }
            if (held != null) {
                models.remove(version.model());
                held.close();
            }
            HeldModel fresh = new HeldModel(wanted, blobs, kernels);
            models.put(version.model(), fresh);
            return fresh.made();
        }
    }
}
