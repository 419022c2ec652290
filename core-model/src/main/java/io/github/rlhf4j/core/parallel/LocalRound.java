package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a replica does in a round.
 *
 * @param files what its files are called, with their folder
 * @param startDigest of the weights that all replicas start from
 * @param state the replica's optimiser; empty: a fresh one
 * @param firstStep of the round, from 1
 * @param rates the learning rate of each step
 * @param objective the name of its reader
 * @param rows where objective and rows of each step are; a step without any is left out
 */
@SuppressWarnings("ArrayRecordComponent") // identity is all that is asked of it
record LocalRound(
        Path files,
        String startDigest,
        Optional<ReplicaState> state,
        TrainerSettings settings,
        DifferenceType difference,
        long firstStep,
        double[] rates,
        String objective,
        RoundRows rows) {
    byte[] toBytes() {
        WireWriter out = new WireWriter();
        out.putText(files.toString()).putText(startDigest);
        out.putOptional(state, (to, before) -> before.write(to));
        settings.write(out);
        out.putInt(difference.ordinal()).putLong(firstStep).putDoubles(rates).putText(objective);
        rows.write(out);
        return out.bytes();
    }

    static LocalRound of(byte[] bytes) {
        WireReader in = new WireReader(bytes);
        LocalRound round = new LocalRound(
                Path.of(in.getText()),
                in.getText(),
                in.getOptional(ReplicaState::read),
                TrainerSettings.read(in),
                DifferenceType.values()[in.getInt()],
                in.getLong(),
                in.getDoubles(),
                in.getText(),
                RoundRows.read(in));
        in.end();
        return round;
    }
}
