package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.files.TensorEntry;
import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** {@code B A - B0 A0} as one product of twice the rank, {@code (B, -B0) (A; A0)}, for files. */
final class ConvertedTerms {
    private ConvertedTerms() {}

    /** All parameters of an adapter; those of which {@code origins} has another come with it. */
    static List<TensorEntry> entries(ParameterStore trained, ParameterStore origins) {
        List<TensorEntry> entries = new ArrayList<>();
        for (TensorEntry entry : ParameterFiles.entries(trained)) {
            entries.add(
                    origins.contains(entry.name())
                            ? joined(
                                    entry.name(),
                                    trained.get(entry.name()).value(),
                                    origins.get(entry.name()).value())
                            : entry);
        }
        return entries;
    }

    private static TensorEntry joined(String name, Tensor now, Tensor origin) {
        if (AdapterLayout.isUp(name)) {
            long[] shape = {now.rows(), 2L * now.columns()};
            return TensorEntry.of(name, sink -> writeBeside(now, origin, sink), shape);
        }
        long[] shape = {2L * now.rows(), now.columns()};
        return TensorEntry.of(
                name,
                sink -> {
                    ParameterFiles.write(now, sink);
                    ParameterFiles.write(origin, sink);
                },
                shape);
    }

    private static void writeBeside(Tensor now, Tensor origin, Consumer<FloatBuffer> sink) {
        for (int i = 0; i < now.rows(); i++) {
            FloatBuffer row = FloatBuffer.allocate(2 * now.columns());
            put(row, now, i, 1);
            put(row, origin, i, -1);
            sink.accept(row.flip());
        }
    }

    private static void put(FloatBuffer row, Tensor from, int i, int sign) {
        for (int j = 0; j < from.columns(); j++) {
            row.put((float) (sign * from.get(i, j)));
        }
    }
}
