package io.github.rlhf4j.core.parallel;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
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
        return Bytes.of(this::write);
    }

    private void write(DataOutput out) throws IOException {
        out.writeUTF(files.toString());
        out.writeUTF(startDigest);
        out.writeBoolean(state.isPresent());
        if (state.isPresent()) {
            state.get().write(out);
        }
        settings.write(out);
        out.writeByte(difference.ordinal());
        out.writeLong(firstStep);
        out.writeInt(rates.length);
        for (double rate : rates) {
            out.writeDouble(rate);
        }
        Bytes.writeInts(rows, out);
        out.writeUTF(objective);
        out.writeInt(packed.length);
        out.write(packed);
    }

    static LocalRound of(byte[] bytes) {
        return Bytes.read(bytes, LocalRound::read);
    }

    private static LocalRound read(DataInput in) throws IOException {
        Path files = Path.of(in.readUTF());
        String startDigest = in.readUTF();
        Optional<ReplicaState> state = in.readBoolean() ? Optional.of(ReplicaState.read(in)) : Optional.empty();
        TrainerSettings settings = TrainerSettings.read(in);
        DifferenceType difference = DifferenceType.values()[in.readByte()];
        long firstStep = in.readLong();
        double[] rates = new double[in.readInt()];
        for (int i = 0; i < rates.length; i++) {
            rates[i] = in.readDouble();
        }
        int[] rows = Bytes.readInts(in);
        String objective = in.readUTF();
        byte[] packed = new byte[in.readInt()];
        in.readFully(packed);
        return new LocalRound(
                files, startDigest, state, settings, difference, firstStep, rates, rows, objective, packed);
    }
}
