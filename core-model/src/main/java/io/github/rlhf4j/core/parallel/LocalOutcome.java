package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.train.StepMetrics;
import io.github.rlhf4j.core.train.StepResult;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a replica's round gave.
 *
 * @param difference the file of its difference
 * @param differenceDigest SHA-256 of that file
 * @param state its optimiser after the round
 * @param steps empty where there were no rows
 */
record LocalOutcome(Path difference, String differenceDigest, ReplicaState state, List<Optional<StepResult>> steps) {
    byte[] toBytes() {
        return Bytes.of(this::write);
    }

    private void write(DataOutput out) throws IOException {
        out.writeUTF(difference.toString());
        out.writeUTF(differenceDigest);
        state.write(out);
        out.writeInt(steps.size());
        for (Optional<StepResult> step : steps) {
            out.writeBoolean(step.isPresent());
            if (step.isPresent()) {
                out.writeDouble(step.get().loss());
                out.writeDouble(step.get().gradientNorm());
                out.writeDouble(step.get().learningRate());
                out.writeLong(step.get().tokens());
                step.get().metrics().write(out);
            }
        }
    }

    static LocalOutcome of(byte[] bytes) {
        return Bytes.read(bytes, LocalOutcome::read);
    }

    private static LocalOutcome read(DataInput in) throws IOException {
        Path difference = Path.of(in.readUTF());
        String digest = in.readUTF();
        ReplicaState state = ReplicaState.read(in);
        List<Optional<StepResult>> steps = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            steps.add(
                    in.readBoolean()
                            ? Optional.of(new StepResult(
                                    in.readDouble(),
                                    in.readDouble(),
                                    in.readDouble(),
                                    in.readLong(),
                                    StepMetrics.read(in)))
                            : Optional.empty());
        }
        return new LocalOutcome(difference, digest, state, steps);
    }
}
