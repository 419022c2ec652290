package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.files.Sha256;
import io.github.rlhf4j.core.train.ShardTree;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
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
        WireWriter out = new WireWriter();
        settings.write(out.putText(file.toString()));
        out.putLong(step).putInt(node.lo()).putInt(node.hi()).putInt(shards);
        return out.putText(objective).putBytes(packed).bytes();
    }

    static ShardWork of(byte[] bytes) {
        WireReader in = new WireReader(bytes);
        ShardWork work = new ShardWork(
                Path.of(in.getText()),
                TrainerSettings.read(in),
                in.getLong(),
                new ShardTree.Node(in.getInt(), in.getInt()),
                in.getInt(),
                in.getText(),
                in.getBytes());
        in.end();
        return work;
    }

    /** What of it decides whether a worker made for another step can do it. */
    String key() {
        return "shards "
                + new Sha256().add(settings.key()).add(String.valueOf(shards)).hex();
    }
}
