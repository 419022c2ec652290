package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.cluster.ModelVersion;
import io.github.rlhf4j.core.cluster.Task;
import io.github.rlhf4j.core.cluster.Worker;
import io.github.rlhf4j.core.model.Transformer;

/**
 * The gradient of a node of the tree of shards, written to a file.
 *
 * @param weights of the step
 */
public record ShardTask(ModelVersion weights) implements Task<byte[], byte[]> {
    @Override
    public byte[] run(byte[] input, Worker worker) {
        ShardWork work = ShardWork.of(input);
        Transformer model = worker.model(weights);
        ShardWorker shards =
                worker.kept(weights, work.key(), () -> new ShardWorker(model, work.settings(), work.shards()));
        byte[] result = shards.run(work, model).toBytes();
        worker.advance(work.node().hi() - work.node().lo());
        return result;
    }
}
