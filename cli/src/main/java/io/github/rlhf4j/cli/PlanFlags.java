package io.github.rlhf4j.cli;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.plan.Amounts;
import io.github.rlhf4j.plan.OptimizerKind;
import io.github.rlhf4j.plan.PlanOptions;
import io.github.rlhf4j.plan.Precision;
import io.github.rlhf4j.plan.WeightBits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import picocli.CommandLine.Option;

/** What a model is planned for, on the command line. */
final class PlanFlags {
    private static final double GIGA = 1e9;

    @Option(
            names = "--tokens",
            paramLabel = "N",
            description =
                    "Tokens of the data, such as 2T (default: those the model was trained on, else 20 a parameter).")
    private Optional<String> tokens = Optional.empty();

    @Option(names = "--epochs", paramLabel = "N", description = "How often the data are seen (default: 1).")
    private Optional<Double> epochs = Optional.empty();

    @Option(
            names = "--length",
            paramLabel = "N",
            description = "Tokens of a sequence (default: as the model was trained, else its context, 8192 at most).")
    private Optional<Long> length = Optional.empty();

    @Option(names = "--batch-size", paramLabel = "N", description = "Sequences together (default: 1).")
    private Optional<Long> batchSize = Optional.empty();

    @Option(
            names = "--precision",
            paramLabel = "TYPE",
            description = "To train: mixed, the default (16 bytes a parameter with adamw), float32 or bfloat16.")
    private Optional<Precision> precision = Optional.empty();

    @Option(
            names = "--optimizer",
            paramLabel = "NAME",
            description = "To train: adamw, the default, adamw_8bit or sgd.")
    private Optional<OptimizerKind> optimizer = Optional.empty();

    @Option(
            names = "--adapter-r",
            paramLabel = "R",
            description = "Train a low-rank adapter of that rank on all linear layers, and nothing else.")
    private Optional<Long> rank = Optional.empty();

    @Option(
            names = "--base-weights",
            paramLabel = "TYPE",
            description = "How weights under an adapter are held: float32, bfloat16, int8 or int4.")
    private Optional<WeightBits> baseWeights = Optional.empty();

    @Option(
            names = "--gradient-checkpointing",
            description = "Keep each layer's input alone, and compute forward again in the backward pass.")
    private boolean checkpointing;

    @Option(
            names = "--workers",
            paramLabel = "N",
            description = "Workers that train one model together, each on the given hardware; with --bandwidth.")
    private Optional<Long> workers = Optional.empty();

    @Option(names = "--bandwidth", paramLabel = "GBIT", description = "Gbit/s of each worker's line.")
    private Optional<Double> bandwidth = Optional.empty();

    @Option(
            names = "--sync-every",
            paramLabel = "STEPS",
            description = "Steps between two exchanges of the workers (default: 1).")
    private Optional<Long> every = Optional.empty();

    private Optional<PlanOptions.Network> network() {
        if (workers.isPresent() != bandwidth.isPresent()) {
            throw new UserError("--workers and --bandwidth need each other");
        }
        if (every.isPresent() && workers.isEmpty()) {
            throw new UserError("--sync-every does nothing without --workers and --bandwidth");
        }
        return workers.map(n -> new PlanOptions.Network(n, GIGA * bandwidth.orElseThrow(), every.orElse(1L)));
    }

    /** Without hardware. */
    PlanOptions options() {
        return new PlanOptions(
                new PlanOptions.Workload(
                        tokens.isPresent()
                                ? OptionalDouble.of(Amounts.parse("--tokens", tokens.get()))
                                : OptionalDouble.empty(),
                        epochs.orElse(1.0),
                        number(length),
                        batchSize.orElse(1L)),
                new PlanOptions.Training(
                        precision.orElse(Precision.MIXED),
                        optimizer.orElse(OptimizerKind.ADAMW),
                        number(rank),
                        baseWeights,
                        checkpointing),
                Optional.empty(),
                network());
    }

    private static OptionalLong number(Optional<Long> value) {
        return value.isPresent() ? OptionalLong.of(value.get()) : OptionalLong.empty();
    }

    /** Names of those that are given, all of which are about one model. */
    List<String> given() {
        List<String> names = new ArrayList<>();
        add(names, "--tokens", tokens.isPresent());
        add(names, "--epochs", epochs.isPresent());
        add(names, "--length", length.isPresent());
        add(names, "--batch-size", batchSize.isPresent());
        add(names, "--precision", precision.isPresent());
        add(names, "--optimizer", optimizer.isPresent());
        add(names, "--adapter-r", rank.isPresent());
        add(names, "--base-weights", baseWeights.isPresent());
        add(names, "--gradient-checkpointing", checkpointing);
        add(names, "--workers", workers.isPresent());
        add(names, "--bandwidth", bandwidth.isPresent());
        add(names, "--sync-every", every.isPresent());
        return names;
    }

    private static void add(List<String> names, String name, boolean isGiven) {
        if (isGiven) {
            names.add(name);
        }
    }
}
