package io.github.rlhf4j.core.files;

import io.github.rlhf4j.core.Printable;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.gguf.GgufFile;
import io.github.rlhf4j.core.gguf.GgufMetadata;
import io.github.rlhf4j.core.gguf.GgufNames;
import io.github.rlhf4j.core.gguf.RotaryRows;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The tensors of a GGUF file under Hugging Face's names and in its order of rows, expanded as they are read. */
public final class GgufWeights implements TensorReader {
    /** The file in a model's folder. */
    public static final String FILE = "model.gguf";

    private static final int MOST_HEADS = 1 << 16;

    private final GgufFile file;
    private final Map<String, Source> sources = new LinkedHashMap<>();
    private @Nullable Whole last; // tensors in another order are read whole, once

    /** How a tensor's rows are stored. */
    private enum Order {
        SAME,
        /** Columns of Hugging Face's. */
        TRANSPOSED,
        /** Channels that are rotated together beside each other. */
        ROTARY
    }

    /**
     * @param shape of Hugging Face's tensor
     * @param first element of the stored one
     * @param heads of one whose rows are in rotary order
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Source(String tensor, long[] shape, long first, Order order, int heads) {
        long elements() {
            return Arrays.stream(shape).reduce(1, Math::multiplyExact);
        }
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record Whole(String name, float[] numbers) {}

    private GgufWeights(GgufFile file) {
        this.file = file;
        GgufMetadata metadata = file.metadata();
        String architecture = metadata.text("general.architecture");
        GgufNames names = GgufNames.of(architecture)
                .orElseThrow(() ->
                        new UserError(metadata.source() + ": general.architecture is " + Printable.line(architecture)
                                + ", which is not supported: it must be llama, qwen2, qwen3 or gpt2"));
        boolean isRotary = architecture.equals("llama");
        int heads = isRotary ? metadata.integer("llama.attention.head_count", 1, MOST_HEADS) : 0;
        int keyHeads = isRotary
                ? metadata.integerIfThere("llama.attention.head_count_kv", 1, MOST_HEADS)
                        .orElse(heads)
                : 0;
        for (String tensor : file.names()) {
            if (!tensor.equals(GgufNames.ROTARY_FACTORS)) {
                add(tensor, names, isRotary ? RotaryRows.headsOf(tensor, heads, keyHeads) : 0);
            }
        }
    }

    private void add(String tensor, GgufNames names, int rotaryHeads) {
        long[] shape = file.shape(tensor);
        if (GgufNames.isOfAllExperts(tensor) && shape.length == 3) {
            for (int expert = 0; expert < shape[0]; expert++) {
                String name = names.ours(tensor, expert).orElse(tensor);
                long[] part = {shape[1], shape[2]};
                sources.put(name, new Source(tensor, part, expert * shape[1] * shape[2], Order.SAME, 0));
            }
            return;
        }
        String name = names.ours(tensor, -1).orElse(tensor); // a name without a place is refused where it is read
        if (rotaryHeads > 0) {
            if (shape[0] % (2L * rotaryHeads) != 0) {
                throw new UserError(file.path() + ": " + tensor + " has " + shape[0] + " rows, which " + rotaryHeads
                        + " heads cannot share");
            }
            sources.put(name, new Source(tensor, shape, 0, Order.ROTARY, rotaryHeads));
        } else if (names.isTransposed(name) && shape.length == 2) {
            sources.put(name, new Source(tensor, new long[] {shape[1], shape[0]}, 0, Order.TRANSPOSED, 0));
        } else {
            sources.put(name, new Source(tensor, shape, 0, Order.SAME, 0));
        }
    }

    /** Whether a model's folder has its weights in such a file. */
    static boolean areIn(Path folder) {
        return Files.isRegularFile(folder.resolve(FILE))
                && !Files.exists(folder.resolve("model.safetensors"))
                && !Files.exists(folder.resolve("model.safetensors.index.json"));
    }

    /**
     * Opens a file, or that of a folder.
     *
     * @throws UserError as {@link GgufFile#open}, or where the architecture is none of ours
     */
    public static GgufWeights open(Path fileOrFolder) {
        GgufFile file =
                GgufFile.open(Files.isDirectory(fileOrFolder) ? realFile(fileOrFolder.resolve(FILE)) : fileOrFolder);
        try {
            return new GgufWeights(file);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** Messages name the user's file, not the link to it. */
    private static Path realFile(Path link) {
        try {
            return Files.isSymbolicLink(link) ? Files.readSymbolicLink(link) : link;
        } catch (IOException e) {
            return link;
        }
    }

    @Override
    public List<String> names() {
        return new ArrayList<>(sources.keySet());
    }

    @Override
    public boolean contains(String name) {
        return sources.containsKey(name);
    }

    @Override
    public long[] shape(String name) {
        return source(name).shape().clone();
    }

    @Override
    public long elements(String name) {
        return source(name).elements();
    }

    @Override
    public String dtype(String name) {
        return file.type(source(name).tensor()).name();
    }

    @Override
    public void read(String name, long first, FloatBuffer out) {
        Source source = source(name);
        if (source.order() == Order.SAME) {
            file.read(source.tensor(), source.first() + first, out);
        } else {
            out.put(whole(name, source), Math.toIntExact(first), out.remaining());
        }
    }

    private synchronized float[] whole(String name, Source source) {
        if (last == null || !last.name().equals(name)) {
            last = null; // its memory is free for the next
            float[] stored = new float[Math.toIntExact(source.elements())];
            file.read(source.tensor(), 0, FloatBuffer.wrap(stored));
            last = new Whole(name, reordered(stored, source));
        }
        return last.numbers();
    }

    private static float[] reordered(float[] stored, Source source) {
        int rows = Math.toIntExact(source.shape()[0]);
        int columns = stored.length / rows;
        float[] numbers = new float[stored.length];
        if (source.order() == Order.TRANSPOSED) {
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns; j++) {
                    numbers[i * columns + j] = stored[j * rows + i];
                }
            }
            return numbers;
        }
        RotaryRows order = new RotaryRows(source.heads(), rows);
        for (int i = 0; i < rows; i++) {
            System.arraycopy(stored, order.stored(i) * columns, numbers, i * columns, columns);
        }
        return numbers;
    }

    private Source source(String name) {
        Source source = sources.get(name);
        if (source == null) {
            throw new UserError(file.path() + " has no tensor " + name);
        }
        return source;
    }

    @Override
    public void close() {
        file.close();
    }
}
