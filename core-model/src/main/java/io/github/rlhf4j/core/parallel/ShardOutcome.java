package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.StepMetrics;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a node of the tree gave.
 *
 * @param sha256 of the gradient's file
 * @param shards of those that have rows, in order
 */
record ShardOutcome(String sha256, List<Shard> shards) {
    /** What one shard gave. */
    record Shard(ModelTrainer.TermResult result, StepMetrics metrics) {}

    byte[] toBytes() {
        return Bytes.of(this::write);
    }

    private void write(DataOutput out) throws IOException {
        out.writeUTF(sha256);
        out.writeInt(shards.size());
        for (Shard shard : shards) {
            out.writeDouble(shard.result().loss());
            out.writeLong(shard.result().tokens());
            shard.metrics().write(out);
        }
    }

    static ShardOutcome of(byte[] bytes) {
        return Bytes.read(bytes, ShardOutcome::read);
    }

    private static ShardOutcome read(DataInput in) throws IOException {
        String sha256 = in.readUTF();
        List<Shard> shards = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            ModelTrainer.TermResult result = new ModelTrainer.TermResult(in.readDouble(), in.readLong());
            shards.add(new Shard(result, StepMetrics.read(in)));
        }
        return new ShardOutcome(sha256, shards);
    }
}
