package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.cluster.ModelVersion;
import io.github.rlhf4j.core.cluster.Task;
import io.github.rlhf4j.core.cluster.Worker;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.files.Sha256;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.train.NonFinite;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/**
 * A round of one replica. Its result is in files beside each other, whose content depends on the input alone, so that it may be done more than once; the last of them, {@code .result}, tells a driver that starts again that the round is done.
 *
 * @param start the weights that all replicas start from
 */
public record RoundTask(ModelVersion start) implements Task<byte[], byte[]> {
    static final int DIGEST = 64; // characters before the outcome in a .result

    @Override
    public byte[] run(byte[] input, Worker worker) {
        LocalRound round = LocalRound.of(input);
        Transformer weights = worker.model(start);
        LocalTrainer local = worker.kept(
                start, LocalTrainer.key(round), () -> new LocalTrainer(weights, round.settings(), round.difference()));
        byte[] outcome = outcome(local, round, weights, worker::advance);
        AtomicFiles.writeStream(result(round.files()), out -> {
            out.write(new Sha256().add(input).hex().getBytes(StandardCharsets.US_ASCII));
            out.write(outcome);
        });
        return outcome;
    }

    private static byte[] outcome(LocalTrainer local, LocalRound round, Transformer weights, LongConsumer advance) {
        try {
            return local.run(round, weights, advance).toBytes();
        } catch (NonFinite e) {
            throw new UserError("in replica " + (round.rows().replica() + 1) + ", " + e.getMessage(), e);
        }
    }

    static Path result(Path files) {
        return LocalTrainer.beside(files, ".result");
    }
}
