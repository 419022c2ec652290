package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.StepMetrics;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
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
        WireWriter out = new WireWriter();
        out.putText(sha256).putList(shards, (to, shard) -> {
            to.putDouble(shard.result().loss()).putLong(shard.result().tokens());
            shard.metrics().write(to);
        });
        return out.bytes();
    }

    static ShardOutcome of(byte[] bytes) {
        WireReader in = new WireReader(bytes);
        ShardOutcome outcome = new ShardOutcome(
                in.getText(),
                in.getList(from -> new Shard(
                        new ModelTrainer.TermResult(from.getDouble(), from.getLong()), StepMetrics.read(from))));
        in.end();
        return outcome;
    }
}
