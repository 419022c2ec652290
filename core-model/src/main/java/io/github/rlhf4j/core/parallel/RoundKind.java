package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.cluster.ModelVersion;
import io.github.rlhf4j.core.cluster.TaskKind;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.util.List;

/** Rounds of replicas, whose inputs and results are bytes already. */
public final class RoundKind implements TaskKind<RoundTask, byte[], byte[]> {
    @Override
    public String name() {
        return "round";
    }

    @Override
    public Class<RoundTask> type() {
        return RoundTask.class;
    }

    @Override
    public List<ModelVersion> models(RoundTask task) {
        return List.of(task.start());
    }

    @Override
    public void writeTask(RoundTask task, WireWriter out) {
        out.putText(task.start().model()).putLong(task.start().version());
    }

    @Override
    public RoundTask readTask(WireReader in) {
        return new RoundTask(new ModelVersion(in.getText(), in.getLong()));
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
