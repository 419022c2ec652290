package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.train.StepMetrics;
import io.github.rlhf4j.core.train.StepResult;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.nio.file.Path;
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
        WireWriter out = new WireWriter();
        out.putText(difference.toString()).putText(differenceDigest);
        state.write(out);
        out.putList(steps, (to, step) -> to.putOptional(step, LocalOutcome::write));
        return out.bytes();
    }

    private static void write(WireWriter out, StepResult step) {
        out.putDouble(step.loss()).putDouble(step.gradientNorm()).putDouble(step.learningRate());
        step.metrics().write(out.putLong(step.tokens()));
    }

    static LocalOutcome of(byte[] bytes) {
        WireReader in = new WireReader(bytes);
        LocalOutcome outcome = new LocalOutcome(
                Path.of(in.getText()),
                in.getText(),
                ReplicaState.read(in),
                in.getList(from -> from.getOptional(LocalOutcome::read)));
        in.end();
        return outcome;
    }

    private static StepResult read(WireReader in) {
        return new StepResult(in.getDouble(), in.getDouble(), in.getDouble(), in.getLong(), StepMetrics.read(in));
    }
}
