package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.cluster.ModelVersion;
import io.github.rlhf4j.core.cluster.Task;
import io.github.rlhf4j.core.cluster.TaskKind;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.util.List;
import java.util.function.Function;

/** Tasks that know the weights they start from and nothing else, and whose inputs and results are bytes already. */
abstract class BytesKind<T extends Task<byte[], byte[]>> implements TaskKind<T, byte[], byte[]> {
    private final String name;
    private final Class<T> type;
    private final Function<T, ModelVersion> weights;
    private final Function<ModelVersion, T> task;

    BytesKind(String name, Class<T> type, Function<T, ModelVersion> weights, Function<ModelVersion, T> task) {
        this.name = name;
        this.type = type;
        this.weights = weights;
        this.task = task;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Class<T> type() {
        return type;
    }

    @Override
    public List<ModelVersion> models(T of) {
        return List.of(weights.apply(of));
    }

    @Override
    public void writeTask(T of, WireWriter out) {
        weights.apply(of).write(out);
    }

    @Override
    public T readTask(WireReader in) {
        return task.apply(ModelVersion.read(in));
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
