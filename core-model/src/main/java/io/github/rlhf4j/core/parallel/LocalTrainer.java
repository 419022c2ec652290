package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.cluster.Worker;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.files.FloatType;
import io.github.rlhf4j.core.files.SafetensorsReader;
import io.github.rlhf4j.core.files.SafetensorsWriter;
import io.github.rlhf4j.core.files.Sha256;
import io.github.rlhf4j.core.files.TensorEntry;
import io.github.rlhf4j.core.model.Parameter;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.train.StepResult;
import io.github.rlhf4j.core.train.WeightedObjective;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;

/** A model of a worker's own with its optimiser, in which replicas train, one after the other: nothing of one round is left in the next. */
final class LocalTrainer implements Worker.Kept {
    private final Transformer model;
    private final ModelTrainer trainer;
    private final NativeMemory memory = new NativeMemory(1 << 16);
    private final Map<String, Tensor> state = new LinkedHashMap<>(); // moments and residuals
    private final List<Tensor> residuals = new ArrayList<>();

    /** @param like a model of the same shape, which is copied */
    LocalTrainer(Transformer like, TrainerSettings settings, DifferenceType difference) {
        model = like.copy(false);
        trainer = settings.trainer(model);
        trainer.tensors().forEach((name, tensor) -> {
            if (!name.startsWith("model.")) {
                state.put(name, tensor);
            }
        });
        if (difference.isLossy()) {
            for (Parameter parameter : model.trained().all()) {
                Tensor value = parameter.value();
                Tensor residual = memory.allocate(value.type(), value.rows(), value.columns());
                residuals.add(residual);
                state.put("residual." + parameter.name(), residual);
            }
        }
    }

    /** What of the round decides whether this can do it. */
    static String key(LocalRound round) {
        return "replicas "
                + new Sha256()
                        .add(round.settings().key())
                        .add(round.difference().name())
                        .hex();
    }

    /**
     * Does a round.
     *
     * @param start with the weights that all replicas start from; not modified
     * @param advance told of every step
     */
    LocalOutcome run(LocalRound round, Transformer start, LongConsumer advance) {
        model.copyWeightsFrom(start);
        trainer.useRandomness(round.settings().dropoutKey());
        restore(round);
        List<Optional<StepResult>> steps = steps(round, advance);
        Path difference = beside(round.files(), ".difference");
        String digest = write(difference, start, round.difference());
        Path file = beside(round.files(), ".safetensors");
        List<TensorEntry> entries = new ArrayList<>();
        state.forEach((name, tensor) -> entries.add(TensorEntry.of(name, tensor)));
        new SafetensorsWriter(FloatType.F32).writeFile(file, entries);
        ReplicaState after = new ReplicaState(file, AtomicFiles.sha256(file), trainer.updates());
        return new LocalOutcome(difference, digest, after, steps);
    }

    static Path beside(Path files, String ending) {
        return files.resolveSibling(files.getFileName() + ending);
    }

    private void restore(LocalRound round) {
        if (round.state().isEmpty()) {
            state.values().forEach(Tensor::zero);
            return;
        }
        ReplicaState before = round.state().get();
        RoundFolder.require(RoundFolder.is(before.file(), before.sha256()), before.file());
        try (SafetensorsReader reader = SafetensorsReader.open(before.file())) {
            state.forEach(reader::read);
        }
    }

    private List<Optional<StepResult>> steps(LocalRound round, LongConsumer advance) {
        List<Optional<StepResult>> results = new ArrayList<>();
        trainer.setUpdates(round.state().map(ReplicaState::updates).orElse(0L));
        try (RoundRows.Steps rows = round.rows().open()) {
            for (int i = 0; i < round.rates().length; i++) {
                trainer.setSteps(round.firstStep() - 1 + i); // the step's number keys its randomness
                results.add(step(ObjectiveReaders.read(round.objective(), rows.next()), round.rates()[i]));
                advance.accept(1);
            }
        }
        return results;
    }

    private <E> Optional<StepResult> step(ObjectiveReader.WithRows<E> step, double rate) {
        if (step.rows().isEmpty()) {
            return Optional.empty();
        }
        Objective<E> objective = step.objective().ofStep(step.rows(), trainer).objective();
        return Optional.of(
                trainer.optimize(List.of(WeightedObjective.of(step.rows(), objective)), rate, metrics -> true));
    }

    private String write(Path file, Transformer start, DifferenceType type) {
        List<Tensor> before = values(start);
        List<Tensor> after = values(model);
        Sha256 digest = new Sha256();
        float[] first = new float[WeightPieces.LONGEST];
        float[] last = new float[WeightPieces.LONGEST];
        float[] residual = new float[WeightPieces.LONGEST];
        ByteBuffer bytes = ByteBuffer.allocate(type.bytes(WeightPieces.LONGEST));
        AtomicFiles.writeStream(
                file,
                out -> WeightPieces.visit(after, (tensor, row, from, count) -> {
                    WeightPieces.get(before.get(tensor), row, from, first, count);
                    WeightPieces.get(after.get(tensor), row, from, last, count);
                    if (type.isLossy()) {
                        WeightPieces.get(residuals.get(tensor), row, from, residual, count);
                    }
                    type.write(first, last, residual, count, bytes.clear());
                    if (type.isLossy()) {
                        WeightPieces.put(residuals.get(tensor), row, from, residual, count);
                    }
                    digest.add(bytes.flip().duplicate());
                    out.write(bytes.array(), 0, bytes.limit());
                }));
        return digest.hex();
    }

    static List<Tensor> values(Transformer model) {
        return model.trained().all().stream().map(Parameter::value).toList();
    }

    @Override
    public void close() {
        trainer.close();
        memory.close();
        model.close();
    }
}
