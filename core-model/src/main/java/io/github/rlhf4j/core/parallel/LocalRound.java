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
 * @param rows of each step; a step without any is left out
 * @param objective the name of its reader
 * @param packed objective and rows of all steps
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
        int[] rows,
        String objective,
        byte[] packed) {
    byte[] toBytes() {
        WireWriter out = new WireWriter();
        out.putText(files.toString()).putText(startDigest);
        out.putList(state.stream().toList(), (to, before) -> before.write(to));
        settings.write(out);
        out.putInt(difference.ordinal()).putLong(firstStep).putDoubles(rates).putInts(rows);
        return out.putText(objective).putBytes(packed).bytes();
    }

    static LocalRound of(byte[] bytes) {
        WireReader in = new WireReader(bytes);
        LocalRound round = new LocalRound(
                Path.of(in.getText()),
                in.getText(),
                in.getList(ReplicaState::read).stream().findFirst(),
                TrainerSettings.read(in),
                DifferenceType.values()[in.getInt()],
                in.getLong(),
                in.getDoubles(),
                in.getInts(),
                in.getText(),
                in.getBytes());
        in.end();
        return round;
    }
}
