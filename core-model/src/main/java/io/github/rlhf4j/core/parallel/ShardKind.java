package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.cluster.ModelVersion;
import io.github.rlhf4j.core.cluster.TaskKind;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.util.List;

/** Gradients of shards, whose inputs and results are bytes already. */
public final class ShardKind implements TaskKind<ShardTask, byte[], byte[]> {
    @Override
    public String name() {
        return "shards";
    }

    @Override
    public Class<ShardTask> type() {
        return ShardTask.class;
    }

    @Override
    public List<ModelVersion> models(ShardTask task) {
        return List.of(task.weights());
    }

    @Override
    public void writeTask(ShardTask task, WireWriter out) {
        out.putText(task.weights().model()).putLong(task.weights().version());
    }

    @Override
    public ShardTask readTask(WireReader in) {
        return new ShardTask(new ModelVersion(in.getText(), in.getLong()));
    }

    @Override
    public void writeInput(byte[] input, WireWriter out) {
        out.putBytes(input);
    }

    @Override
    public byte[] readInput(WireReader in) {
        return in.getBytes();
    }

    @Override
    public void writeOutput(byte[] output, WireWriter out) {
        out.putBytes(output);
    }

    @Override
    public byte[] readOutput(WireReader in) {
        return in.getBytes();
    }
}
