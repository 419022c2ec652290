package io.github.rlhf4j.gguf;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.TensorEntry;
import io.github.rlhf4j.core.gguf.GgufNames;
import io.github.rlhf4j.core.gguf.GgufType;
import io.github.rlhf4j.core.gguf.GgufWriter;
import io.github.rlhf4j.core.gguf.RotaryRows;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.Positions;
import io.github.rlhf4j.core.model.RotaryScaling;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A model's weights as a file's tensors: other names, another order of some rows, the experts of a layer in one. */
final class TensorsToGguf {
    private static final float TOO_LARGE = 65_520; // for a half

    private final ModelConfig config;
    private final Architecture architecture;
    private final GgufNames names;
    private final TypeChoice types;

    TensorsToGguf(ModelConfig config, GgufFormat format) {
        this.config = config;
        this.architecture = Architecture.of(config);
        this.names = GgufNames.of(architecture.id()).orElseThrow();
        this.types = new TypeChoice(format, config);
    }

    /** In the order of the weights; read when they are written. */
    List<GgufWriter.Tensor> of(List<TensorEntry> weights) {
        List<GgufWriter.Tensor> tensors = new ArrayList<>();
        addRotaryFactors(tensors);
        Map<String, List<TensorEntry>> parts = new LinkedHashMap<>();
        for (TensorEntry weight : weights) {
            String name = names.place(weight.name())
                    .orElseThrow(() -> new UserError("the weight " + weight.name()
                            + " cannot be written as GGUF: llama.cpp's " + architecture.id() + " models have no such"))
                    .tensor();
            parts.computeIfAbsent(name, key -> new ArrayList<>()).add(weight);
        }
        parts.forEach((name, entries) -> tensors.add(tensor(name, entries)));
        return tensors;
    }

    private void addRotaryFactors(List<GgufWriter.Tensor> tensors) {
        if (config.positions() instanceof Positions.Rotary rotary
                && rotary.scaling() instanceof RotaryScaling.Llama3 llama3) {
            float[] factors = RotaryFactors.of(llama3, rotary.theta(), config.headDim());
            tensors.add(new GgufWriter.Tensor(
                    GgufNames.ROTARY_FACTORS,
                    GgufType.F32,
                    new long[] {factors.length},
                    sink -> sink.accept(FloatBuffer.wrap(factors))));
        }
    }

    private GgufWriter.Tensor tensor(String name, List<TensorEntry> parts) {
        TensorEntry first = parts.get(0);
        long[] shape = first.shape();
        int heads = rotaryHeads(name);
        Consumer<Consumer<FloatBuffer>> numbers;
        if (GgufNames.isOfAllExperts(name)) {
            shape = new long[] {parts.size(), shape[0], shape[1]};
            numbers = sink -> parts.forEach(part -> part.writeTo(sink));
        } else if (names.isTransposed(first.name())) {
            shape = new long[] {shape[1], shape[0]};
            numbers = sink -> sink.accept(FloatBuffer.wrap(transposed(first)));
        } else if (heads > 0) {
            numbers = sink -> writeRotated(first, heads, sink);
        } else {
            numbers = first::writeTo;
        }
        GgufType type = types.of(name, shape);
        return new GgufWriter.Tensor(
                name, type, shape, sink -> numbers.accept(piece -> sink.accept(checked(piece, first.name(), type))));
    }

    private int rotaryHeads(String name) {
        return architecture == Architecture.LLAMA
                ? RotaryRows.headsOf(name, config.heads(), config.keyValueHeads())
                : 0;
    }

    private static float[] whole(TensorEntry entry) {
        float[] numbers = new float[Math.toIntExact(entry.elements())];
        FloatBuffer into = FloatBuffer.wrap(numbers);
        entry.writeTo(into::put);
        return numbers;
    }

    private static float[] transposed(TensorEntry entry) {
        float[] numbers = whole(entry);
        int rows = (int) entry.shape()[0];
        int columns = (int) entry.shape()[1];
        float[] transposed = new float[numbers.length];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                transposed[j * rows + i] = numbers[i * columns + j];
            }
        }
        return transposed;
    }

    private static void writeRotated(TensorEntry entry, int heads, Consumer<FloatBuffer> sink) {
        float[] numbers = whole(entry);
        int rows = (int) entry.shape()[0];
        int columns = numbers.length / rows;
        RotaryRows order = new RotaryRows(heads, rows);
        for (int stored = 0; stored < rows; stored++) {
            sink.accept(FloatBuffer.wrap(numbers, order.ours(stored) * columns, columns));
        }
    }

    private static FloatBuffer checked(FloatBuffer piece, String name, GgufType type) {
        for (int i = piece.position(); i < piece.limit(); i++) {
            float value = piece.get(i);
            if (!Float.isFinite(value)) {
                throw new UserError("the weight " + name + " has a number that is not finite, " + value);
            }
            if (type == GgufType.F16 && Math.abs(value) >= TOO_LARGE) {
                throw new UserError("the weight " + name + " has " + value
                        + ", which is beyond the numbers of F16: write BF16 or F32");
            }
        }
        return piece;
    }
}
