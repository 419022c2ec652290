package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.files.Sha256;
import io.github.rlhf4j.core.train.ShardTree;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What a worker computes of a step.
 *
 * @param file where the gradient goes
 * @param step from 1
 * @param node of the tree
 * @param shards of the whole step
 * @param objective the name of its reader
 * @param packed objective and all rows of the step
 */
@SuppressWarnings("ArrayRecordComponent") // identity is all that is asked of it
record ShardWork(
        Path file,
        TrainerSettings settings,
        long step,
        ShardTree.Node node,
        int shards,
        String objective,
        byte[] packed) {
    byte[] toBytes() {
        return Bytes.of(this::write);
    }

    private void write(DataOutput out) throws IOException {
        out.writeUTF(file.toString());
        settings.write(out);
        out.writeLong(step);
        out.writeInt(node.lo());
        out.writeInt(node.hi());
        out.writeInt(shards);
        out.writeUTF(objective);
        out.writeInt(packed.length);
        out.write(packed);
    }

    static ShardWork of(byte[] bytes) {
        return Bytes.read(bytes, ShardWork::read);
    }

    private static ShardWork read(DataInput in) throws IOException {
        Path file = Path.of(in.readUTF());
        TrainerSettings settings = TrainerSettings.read(in);
        long step = in.readLong();
        ShardTree.Node node = new ShardTree.Node(in.readInt(), in.readInt());
        int shards = in.readInt();
        String objective = in.readUTF();
        byte[] packed = new byte[in.readInt()];
        in.readFully(packed);
        return new ShardWork(file, settings, step, node, shards, objective, packed);
    }

    /** What of it decides whether a worker made for another step can do it. */
    String key() {
        TrainerSettings same = settings.with(CounterRandom.of(0));
        return "shards "
                + new Sha256()
                        .add(Bytes.of(same::write))
                        .add(String.valueOf(shards))
                        .hex();
    }
}
