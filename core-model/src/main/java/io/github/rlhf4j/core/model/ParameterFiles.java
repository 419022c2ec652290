package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.TensorData;
import io.github.rlhf4j.core.files.TensorEntry;
import io.github.rlhf4j.core.files.TensorReader;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.ParameterLayout.Slice;
import io.github.rlhf4j.core.tensor.CompactMatrix;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Weights from and to safetensors. */
final class ParameterFiles {
    private static final int BLOCK = 64; // rows of a transposed tensor at a time
    private static final int NAMED = 6; // names in a message
    private static final int PIECE = 1 << 18; // elements of a compact matrix that are read at a time
    private static final float TOO_LARGE = 1e19f; // its square is no float

    private final TensorReader reader;
    private final Path directory;
    private final ModelConfig config;
    private final Set<String> used = new HashSet<>();

    ParameterFiles(TensorReader reader, Path directory, ModelConfig config) {
        this.reader = reader;
        this.directory = directory;
        this.config = config;
    }

    /**
     * Fills all parameters from the files, but for those that are another model's.
     *
     * @param freshHead draws a scalar head that the files lack
     * @throws UserError where a weight is missing, has another shape, or has no place in the model
     */
    void read(ParameterStore store, Optional<CounterRandom> freshHead) {
        List<String> missing = new ArrayList<>();
        boolean isWhole = true;
        for (FusedParameter fused : store.fused()) {
            if (store.isShared(fused.matrix())) {
                isWhole = false;
                continue;
            }
            for (Parameter part : fused.parts()) {
                Optional<Slice> found = find(fused.matrix(), part.layout());
                if (found.isPresent()) {
                    read(part, found.get());
                } else if (fused.matrix().isReadHead() && freshHead.isPresent()) {
                    WeightInitializer.draw(fused, config, freshHead.get());
                } else {
                    missing.add(part.name());
                }
            }
        }
        refuseMissing(missing);
        if (isWhole) {
            refuseUnknown();
        }
    }

    private void refuseMissing(List<String> missing) {
        if (missing.contains(config.family().labelsHead() + ".bias")) {
            throw new UserError(directory
                    + " has no weights of a process reward model's head: give one trained by a process_reward stage");
        }
        if (missing.equals(List.of("score.weight"))) {
            throw new UserError(directory
                    + " has no weight score.weight, which a reward model needs: give one trained by a reward stage");
        }
        if (!missing.isEmpty()) {
            throw new UserError(directory + " has no weight" + listed(missing)
                    + ", which config.json promises: it must be a whole model");
        }
    }

    /** Names in a line, the first few of many. */
    private static String listed(List<String> names) {
        String first = String.join(", ", names.subList(0, Math.min(names.size(), NAMED)));
        return (names.size() > 1 ? "s " : " ")
                + first
                + (names.size() > NAMED ? " and " + (names.size() - NAMED) + " more" : "");
    }

    /** Where the files hold a parameter: under its name, that of the bare model, or in a tensor with others. */
    private Optional<Slice> find(ParameterLayout.Matrix matrix, ParameterLayout.Part part) {
        Slice own = new Slice(part.name(), matrix.shape(part), 0);
        Slice fused = part.fused();
        return Stream.concat(Stream.of(own), Stream.ofNullable(fused))
                .flatMap(slice -> Stream.of(slice, new Slice(bare(slice.tensor()), slice.shape(), slice.first())))
                .filter(slice -> reader.contains(slice.tensor()))
                .findFirst();
    }

    private String bare(String name) {
        String base = config.family().names().base();
        return name.startsWith(base) ? name.substring(base.length()) : name;
    }

    /**
     * Compares names and shapes with a model's, without reading the weights.
     *
     * @param freshHead whether a scalar head may be missing
     * @throws UserError as {@link #read}
     */
    void check(Set<Head> heads, boolean freshHead) {
        List<String> missing = new ArrayList<>();
        for (ParameterLayout.Matrix matrix : ParameterLayout.of(config, heads).matrices()) {
            for (ParameterLayout.Part part : matrix.parts()) {
                Optional<Slice> found = find(matrix, part);
                if (found.isPresent()) {
                    take(found.get());
                } else if (!matrix.isReadHead() || !freshHead) {
                    missing.add(part.name());
                }
            }
        }
        refuseMissing(missing);
        refuseUnknown();
    }

    private void take(Slice slice) {
        long[] shape = reader.shape(slice.tensor());
        if (!Arrays.equals(shape, slice.shape())) {
            throw new UserError(directory + ": " + slice.tensor() + " has the shape " + Arrays.toString(shape)
                    + ", but config.json makes it " + Arrays.toString(slice.shape()));
        }
        used.add(slice.tensor());
    }

    private void read(Parameter parameter, Slice slice) {
        take(slice);
        CompactMatrix compact = parameter.compact().orElse(null);
        if (compact != null) {
            readCompact(parameter, slice, compact);
        } else {
            read(reader, parameter, slice);
        }
    }

    /** Of an adapter: a tensor that has the parameter's name. */
    static void read(TensorReader reader, Parameter parameter) {
        read(reader, parameter, new Slice(parameter.name(), parameter.shape(), 0));
    }

    private static void read(TensorReader reader, Parameter parameter, Slice slice) {
        Tensor value = parameter.value();
        if (parameter.isTransposed()) {
            readTransposed(reader, slice, value);
        } else if (value.type() == DataType.FLOAT && value.isContiguous()) {
            reader.read(
                    slice.tensor(),
                    slice.first(),
                    value.floats().duplicate().position(value.offset()).limit(value.offset() + (int) value.size()));
        } else {
            readRows(reader, slice, value);
        }
    }

    /** Some rows at a time, or all of a tensor that is stored transposed: the numbers that a row is cut into follow from the whole row. */
    private void readCompact(Parameter parameter, Slice slice, CompactMatrix compact) {
        int rows = compact.rows();
        int columns = compact.columns();
        int atOnce = parameter.isTransposed() ? rows : Math.min(rows, Math.max(1, PIECE / columns));
        FloatBuffer piece = FloatBuffer.allocate(Math.multiplyExact(atOnce, columns));
        for (int from = 0; from < rows; from += atOnce) {
            int count = Math.min(atOnce, rows - from);
            reader.read(
                    slice.tensor(),
                    slice.first() + (long) from * columns,
                    piece.clear().limit(count * columns));
            requireFinite(parameter.name(), piece.array(), count * columns);
            for (int i = 0; i < count; i++) {
                if (parameter.isTransposed()) {
                    compact.set(i, column(piece.array(), i, rows, columns), 0);
                } else {
                    compact.set(from + i, piece.array(), i * columns);
                }
            }
        }
    }

    private static float[] column(float[] of, int column, int stride, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = of[i * stride + column];
        }
        return values;
    }

    private void requireFinite(String name, float[] values, int count) {
        for (int i = 0; i < count; i++) {
            if (!(Math.abs(values[i]) < TOO_LARGE)) {
                throw notFinite(directory, name);
            }
        }
    }

    /** What to say of a model with such a tensor. */
    static UserError notFinite(Path directory, String tensor) {
        return new UserError(
                "the model in " + directory + " cannot be used: " + tensor
                        + " has values that are not finite, or too large to compute with; it has diverged, or its files are damaged");
    }

    private static void readRows(TensorReader reader, Slice slice, Tensor value) {
        FloatBuffer row = FloatBuffer.allocate(value.columns());
        for (int i = 0; i < value.rows(); i++) {
            reader.read(slice.tensor(), slice.first() + (long) i * value.columns(), row.clear());
            for (int j = 0; j < value.columns(); j++) {
                value.set(i, j, row.get(j));
            }
        }
    }

    private static void readTransposed(TensorReader reader, Slice slice, Tensor value) {
        int width = value.rows();
        FloatBuffer block = FloatBuffer.allocate(BLOCK * width);
        for (int from = 0; from < value.columns(); from += BLOCK) {
            int count = Math.min(BLOCK, value.columns() - from);
            reader.read(
                    slice.tensor(),
                    slice.first() + (long) from * width,
                    block.clear().limit(count * width));
            for (int row = 0; row < width; row++) {
                for (int i = 0; i < count; i++) {
                    value.set(row, from + i, block.get(i * width + row));
                }
            }
        }
    }

    /** A tensor that the model has no place for would be lost, and says that the model is another than config.json's. */
    private void refuseUnknown() {
        List<String> unknown = reader.names().stream()
                .filter(name -> !used.contains(name) && !isNoWeight(name))
                .toList();
        if (!unknown.isEmpty()) {
            throw new UserError(directory + " has the weight" + listed(unknown) + " that a "
                    + config.family().modelType() + " model of this config.json has no place for: take the"
                    + " config.json of these weights, or remove what does not belong to the model");
        }
    }

    /** Heads that are not asked for or tied, and constants that old files hold. */
    private static boolean isNoWeight(String name) {
        return name.equals("lm_head.weight")
                || name.equals("score.weight")
                || name.equals("score.bias")
                || name.equals("classifier.weight")
                || name.equals("classifier.bias")
                || name.endsWith(".rotary_emb.inv_freq")
                || name.endsWith(".attn.bias")
                || name.endsWith(".attn.masked_bias");
    }

    /** All weights, to be written. */
    static List<TensorEntry> entries(ParameterStore store) {
        return entries(store, Map.of(), Map.of());
    }

    /**
     * All weights, to be written.
     *
     * @param layers by the keys of their weights: those whose weights are written with what an adapter adds to them
     * @param copies by the keys of the model's matrices: what is written instead of them
     */
    static List<TensorEntry> entries(
            ParameterStore store, Map<String, Linear> layers, Map<String, FusedParameter> copies) {
        List<TensorEntry> entries = new ArrayList<>();
        for (Parameter parameter : store.all()) {
            String key = parameter.owner().matrix().key();
            TensorData data = data(parameter, layers.get(key), copies.get(key), store.kernels());
            entries.add(TensorEntry.of(parameter.name(), data, parameter.shape()));
        }
        return entries;
    }

    /** A layer's weight with what an adapter adds to it, under a name of its own. */
    static TensorEntry merged(String name, Linear layer) {
        return TensorEntry.of(name, sink -> layer.withMergedWeight(whole -> write(whole, sink)), new long[] {
            layer.outputs(), layer.inputs()
        });
    }

    private static TensorData data(
            Parameter parameter, @Nullable Linear layer, @Nullable FusedParameter copy, Kernels kernels) {
        if (layer != null) {
            int first = parameter.firstRow();
            int end = first + parameter.layout().size();
            return sink -> layer.withMergedWeight(whole -> write(parameter, whole.rows(first, end), sink));
        }
        if (copy != null) {
            return sink -> write(parameter, parameter.view(copy.value()), sink);
        }
        return parameter.compact().isPresent()
                ? sink -> writeCompact(parameter, kernels, sink)
                : sink -> write(parameter, parameter.value(), sink);
    }

    private static void write(Parameter parameter, Tensor value, Consumer<FloatBuffer> sink) {
        if (parameter.isTransposed()) {
            writeTransposed(value, sink);
        } else {
            write(value, sink);
        }
    }

    /** As float32, some rows at a time where no more is needed. */
    private static void writeCompact(Parameter parameter, Kernels kernels, Consumer<FloatBuffer> sink) {
        CompactMatrix compact = parameter.compact().orElseThrow();
        if (parameter.isTransposed()) {
            try (NativeMemory memory = new NativeMemory(1 << 16)) {
                Tensor whole = memory.allocateUninitialized(kernels.type(), compact.rows(), compact.columns());
                kernels.expand(whole, compact);
                writeTransposed(whole, sink);
            }
        } else {
            CompactPieces.forEach(compact, kernels, (from, piece) -> write(piece, sink));
        }
    }

    static void write(Tensor value, Consumer<FloatBuffer> sink) {
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

    private static void writeTransposed(Tensor value, Consumer<FloatBuffer> sink) {
        FloatBuffer column = FloatBuffer.allocate(value.rows());
        for (int j = 0; j < value.columns(); j++) {
            column.clear();
            for (int i = 0; i < value.rows(); i++) {
                column.put(i, (float) value.get(i, j));
            }
            sink.accept(column);
        }
    }
}
