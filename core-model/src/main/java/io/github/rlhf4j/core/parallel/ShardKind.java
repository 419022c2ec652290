package io.github.rlhf4j.core.parallel;

/** Gradients of shards. */
public final class ShardKind extends BytesKind<ShardTask> {
    public ShardKind() {
        super("shards", ShardTask.class, ShardTask::weights, ShardTask::new);
    }
}
