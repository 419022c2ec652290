package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.SafetensorsReader;
import io.github.rlhf4j.core.files.TensorEntry;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** Weights from and to safetensors. */
final class ParameterFiles {
    private ParameterFiles() {}

    /** Fills {@code parameter} from the file. */
    static void read(SafetensorsReader reader, Parameter parameter, Path directory) {
        long[] shape = reader.shape(parameter.name());
        if (!Arrays.equals(shape, parameter.shape())) {
            throw new UserError(directory + ": " + parameter.name() + " has the shape " + Arrays.toString(shape)
                    + ", but config.json makes it " + Arrays.toString(parameter.shape()));
        }
        Tensor value = parameter.value();
        if (value.type() == DataType.FLOAT && value.isContiguous()) {
            reader.read(
                    parameter.name(),
                    value.floats().duplicate().position(value.offset()).limit(value.offset() + (int) value.size()));
            return;
        }
        FloatBuffer row = FloatBuffer.allocate(value.columns());
        for (int i = 0; i < value.rows(); i++) {
            reader.read(parameter.name(), (long) i * value.columns(), row.clear());
            for (int j = 0; j < value.columns(); j++) {
                value.set(i, j, row.get(j));
            }
        }
    }

    /** All weights, to be written. */
    static List<TensorEntry> entries(ParameterStore store) {
        List<TensorEntry> entries = new ArrayList<>();
        for (Parameter parameter : store.all()) {
            Tensor value = parameter.value();
            entries.add(TensorEntry.of(parameter.name(), sink -> write(value, sink), parameter.shape()));
        }
        return entries;
    }

    private static void write(Tensor value, Consumer<FloatBuffer> sink) {
        for (int i = 0; i < value.rows(); i++) {
            if (value.type() == DataType.FLOAT) {
                int from = value.offset(i);
                sink.accept(value.floats().duplicate().position(from).limit(from + value.columns()));
            } else {
                FloatBuffer row = FloatBuffer.allocate(value.columns());
                for (int j = 0; j < value.columns(); j++) {
                    row.put(j, (float) value.get(i, j));
                }
                sink.accept(row);
            }
        }
    }
}
