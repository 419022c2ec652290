package io.github.rlhf4j.core.files;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.math.HalfFloats;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Writes tensors as safetensors, in the order given, as transformers reads them (metadata {@code format: pt}).
 *
 * <p>Each file is written to a temporary one, forced to the disk and moved. The same tensors give the same bytes.
 */
public final class SafetensorsWriter {
    private static final int CHUNK = 1 << 20; // bytes converted at a time

    private final FloatType type;
    private final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK).order(ByteOrder.LITTLE_ENDIAN); // not yet written

    /** @param type F32, or BF16 (rounded to nearest, ties to even) */
    public SafetensorsWriter(FloatType type) {
        if (type != FloatType.F32 && type != FloatType.BF16) {
            throw new IllegalArgumentException("weights are written as F32 or BF16, not " + type);
        }
        this.type = type;
    }

    /**
     * Writes a model's weights into a directory: model.safetensors, or shards and model.safetensors.index.json where
     * that would be larger than {@code maxShardBytes} (a single tensor is never cut).
     */
    public void writeModel(Path directory, List<TensorEntry> tensors, long maxShardBytes) {
        List<List<TensorEntry>> shards = shards(tensors, maxShardBytes);
        if (shards.size() == 1) {
            writeFile(directory.resolve("model.safetensors"), tensors);
            return;
        }
        ObjectNode index = JsonFiles.newObject();
        index.putObject("metadata")
                .put("total_size", tensors.stream().mapToLong(this::bytes).sum());
        ObjectNode weightMap = index.putObject("weight_map");
        for (int i = 0; i < shards.size(); i++) {
            String name = String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, shards.size());
            writeFile(directory.resolve(name), shards.get(i));
            shards.get(i).forEach(tensor -> weightMap.put(tensor.name(), name));
        }
        AtomicFiles.writeString(directory.resolve("model.safetensors.index.json"), JsonFiles.toText(index));
    }

    private List<List<TensorEntry>> shards(List<TensorEntry> tensors, long maxShardBytes) {
        List<List<TensorEntry>> shards = new ArrayList<>();
        List<TensorEntry> current = new ArrayList<>();
        long size = 0;
        for (TensorEntry tensor : tensors) {
            if (!current.isEmpty() && size + bytes(tensor) > maxShardBytes) {
                shards.add(current);
                current = new ArrayList<>();
                size = 0;
            }
            current.add(tensor);
            size += bytes(tensor);
        }
        shards.add(current);
        return shards;
    }

    /** Writes one file. */
    public void writeFile(Path file, List<TensorEntry> tensors) {
        byte[] header = header(tensors);
        AtomicFiles.writeChannel(file, channel -> {
            ByteBuffer start = ByteBuffer.allocate(8 + header.length).order(ByteOrder.LITTLE_ENDIAN);
            write(channel, start.putLong(header.length).put(header).flip());
            chunk.clear();
            for (TensorEntry tensor : tensors) {
                writeTensor(channel, tensor);
            }
            writeChunk(channel);
        });
    }

    private byte[] header(List<TensorEntry> tensors) {
        ObjectNode root = JsonFiles.newObject();
        root.putObject("__metadata__").put("format", "pt");
        Set<String> names = new HashSet<>();
        long offset = 0;
        for (TensorEntry tensor : tensors) {
            if (!names.add(tensor.name())) {
                throw new IllegalArgumentException("there are two tensors named " + tensor.name());
            }
            ObjectNode node = root.putObject(tensor.name()).put("dtype", type.name());
            ArrayNode shape = node.putArray("shape");
            for (long dimension : tensor.shape()) {
                shape.add(dimension);
            }
            node.putArray("data_offsets").add(offset).add(offset + bytes(tensor));
            offset += bytes(tensor);
        }
        String json = root.toString();
        int length = json.getBytes(StandardCharsets.UTF_8).length;
        return (json + " ".repeat((8 - length % 8) % 8)).getBytes(StandardCharsets.UTF_8); // data aligned to 8 bytes
    }

    private long bytes(TensorEntry tensor) {
        return tensor.elements() * type.bytes();
    }

    private void writeTensor(FileChannel channel, TensorEntry tensor) throws IOException {
        long start = channel.position() + chunk.position();
        try {
            tensor.data().writeTo(numbers -> writeNumbers(channel, numbers));
        } catch (UncheckedIOException e) {
            throw new IOException(e.getMessage(), e);
        }
        long written = channel.position() + chunk.position() - start;
        if (written != bytes(tensor)) {
            throw new IllegalStateException(tensor.name() + " has " + tensor.elements() + " elements, but "
                    + written / type.bytes() + " were written");
        }
    }

    private void writeNumbers(FileChannel channel, FloatBuffer numbers) {
        try {
            while (numbers.hasRemaining()) {
                if (chunk.remaining() < type.bytes()) {
                    writeChunk(channel);
                }
                int count = Math.min(numbers.remaining(), chunk.remaining() / type.bytes());
                if (type == FloatType.F32) {
                    chunk.asFloatBuffer().put(numbers.slice(numbers.position(), count));
                    numbers.position(numbers.position() + count);
                    chunk.position(chunk.position() + count * type.bytes());
                } else {
                    for (int i = 0; i < count; i++) {
                        chunk.putShort(HalfFloats.toBfloat16(numbers.get()));
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    /** Rows of a small model are a few bytes each, and a system call each would take longer than they do. */
    private void writeChunk(FileChannel channel) throws IOException {
        write(channel, chunk.flip());
        chunk.clear();
    }

    private static void write(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
