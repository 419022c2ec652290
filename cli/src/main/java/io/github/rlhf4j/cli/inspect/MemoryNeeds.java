package io.github.rlhf4j.cli.inspect;

import io.github.rlhf4j.core.generation.GenerationLimits;
import io.github.rlhf4j.core.kernels.Compute;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.LoraConfig;
import io.github.rlhf4j.core.model.ModelSize;
import io.github.rlhf4j.core.model.StoredAdapter;
import io.github.rlhf4j.core.model.TargetModules;
import io.github.rlhf4j.core.train.OptimizerSettings;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/** What training a model and generating with it take by length of the sequences. */
final class MemoryNeeds {
    private static final int SHORTEST = 128;
    private static final int FACTOR = 4;

    private static final int NUMBERS_OF_A_WEIGHT = 4; // itself, its gradient and two moments
    private static final LoraConfig USUAL = new LoraConfig(16, 32, false, Optional.of(TargetModules.all()));

    private final ModelSize size;
    private final Optional<StoredAdapter> adapter;
    private final long replicaBytes;
    private final GenerationLimits limits = GenerationLimits.DEFAULT;

    MemoryNeeds(ModelSize size) {
        this(size, Optional.empty());
    }

    /** @param adapter whose training is told of; absent: one of r 16 on all linear layers */
    MemoryNeeds(ModelSize size, Optional<StoredAdapter> adapter) {
        this.size = size;
        this.adapter = adapter;
        replicaBytes = size.replicaBytes(Runtime.getRuntime().availableProcessors());
    }

    void describe(Report report) {
        long weights = size.weightBytes();
        report.line("memory", "about, the program's own " + Report.megabytes(size.programBytes()) + " in each sum");
        report.line(
                "training",
                "weights " + Report.megabytes(weights) + ", gradients " + Report.megabytes(weights)
                        + ", optimiser " + Report.megabytes(2 * weights)
                        + (replicaBytes == 0 ? "" : ", replicas " + Report.megabytes(replicaBytes))
                        + ", and activations of a micro-batch of "
                        + Report.count(OptimizerSettings.defaultMicroBatchTokens(size, Compute.FLOAT32)) + " tokens:");
        row(report, "sequence", "activations", "in all", "with gradient_checkpointing");
        lengths()
                .forEach(length -> row(
                        report,
                        Report.count(length),
                        Report.megabytes(activations(length, false)),
                        Report.megabytes(training(length, false)),
                        Report.megabytes(training(length, true))));
        describeAdapter(report);
        if (size.heads().contains(Head.LANGUAGE)) {
            report.line(
                    "generation",
                    "weights " + Report.megabytes(weights) + ", their packed copy "
                            + Report.megabytes(size.packedBytes()) + ", and cached keys and values:");
            row(report, "sequence", "its cache", "in all", limits.sequences() + " together, in all");
            lengths()
                    .forEach(length -> row(
                            report,
                            Report.count(length),
                            Report.megabytes(size.cacheBytes(length)),
                            Report.megabytes(generation(length, 1)),
                            Report.megabytes(generation(length, limits.sequences()))));
        }
    }

    private void describeAdapter(Report report) {
        report.line(
                "adapter",
                (adapter.isPresent() ? "" : "one of r 16 on all linear layers: ")
                        + "its weights, gradients and moments " + Report.megabytes(adapterBytes())
                        + " beside the model's weights alone, in training:");
        row(report, "sequence", "activations", "in all", "with gradient_checkpointing");
        lengths()
                .forEach(length -> row(
                        report,
                        Report.count(length),
                        Report.megabytes(activations(length, false)),
                        Report.megabytes(adapterTraining(length, false)),
                        Report.megabytes(adapterTraining(length, true))));
    }

    private long adapterBytes() {
        long weights = adapter.map(StoredAdapter::weights).orElseGet(() -> size.adapterParameters(USUAL));
        return NUMBERS_OF_A_WEIGHT * weights * size.type().bytes();
    }

    /** Bytes of training an adapter with micro-batches of whole sequences of that length. */
    long adapterTraining(int length, boolean checkpointing) {
        return size.programBytes()
                + size.weightBytes()
                + adapterBytes()
                + replicaBytes
                + activations(length, checkpointing);
    }

    /** 128, 512 and so on, and the context. */
    IntStream lengths() {
        int context = size.config().maxPositions();
        IntStream below = IntStream.iterate(SHORTEST, length -> length < context, length -> {
            return length > Integer.MAX_VALUE / FACTOR ? Integer.MAX_VALUE : length * FACTOR;
        });
        return IntStream.concat(below, IntStream.of(context));
    }

    /** Bytes of training with micro-batches of whole sequences of that length. */
    long training(int length, boolean checkpointing) {
        return size.programBytes() + 4 * size.weightBytes() + replicaBytes + activations(length, checkpointing);
    }

    private long activations(int length, boolean checkpointing) {
        int rows = Math.max(1, OptimizerSettings.defaultMicroBatchTokens(size, Compute.FLOAT32) / length) * length;
        return size.activationBytes(rows, true, checkpointing);
    }

    /** Bytes of generating sequences of that length together, prompts of almost that length included. */
    long generation(int length, int sequences) {
        long rows = Math.max(length, Math.min((long) length * sequences, limits.prefillTokens()));
        long cache = size.cacheBytes(length) * sequences;
        return size.programBytes()
                + size.weightBytes()
                + size.packedBytes()
                + Math.max(size.cacheBytes(length), Math.min(cache, limits.cacheBytes()))
                + size.decodingBytes((int) rows, sequences);
    }

    private static void row(Report report, String length, String part, String whole, String other) {
        report.line("", String.format(Locale.ROOT, "%9s %15s %15s %27s", length, part, whole, other));
    }
}
