package io.github.rlhf4j.core.gguf;

import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A GGUF file that is open for reading: its metadata, and its tensors as floats, whatever they are stored as.
 *
 * <p>The header is read and checked when it is opened; numbers are expanded in pieces, so no copy of a tensor is made.
 * Safe for several threads (reads wait for each other). Holds the file open until closed.
 */
public final class GgufFile implements AutoCloseable {
    private static final int PIECE = 1 << 16; // numbers expanded at a time: whole blocks of every type

    private final Path path;
    private final FileChannel channel;
    private final GgufHeader header;
    private final Map<GgufType, BlockCodec> codecs = new EnumMap<>(GgufType.class);
    private final ByteBuffer bytes = ByteBuffer.allocate(PIECE * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final float[] numbers = new float[PIECE];

    private GgufFile(Path path) {
        this.path = path;
        @Nullable FileChannel opened = null;
        try {
            opened = FileChannel.open(path, StandardOpenOption.READ);
            channel = opened;
            header = GgufHeader.read(path, channel);
        } catch (IOException e) {
            closeQuietly(opened);
            throw new UserError(path + " cannot be read: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            closeQuietly(opened);
            throw e;
        }
    }

    /**
     * Opens a file.
     *
     * @throws UserError if it is missing or malformed, or has a tensor of a type that is not read
     */
    public static GgufFile open(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new UserError(path + (Files.exists(path) ? " is no file" : " does not exist") + ": give a GGUF file");
        }
        return new GgufFile(path);
    }

    /** Where it is. */
    public Path path() {
        return path;
    }

    /** How many bytes are in front of its numbers: metadata, names, types and shapes. */
    public long headerBytes() {
        return header.bytes();
    }

    /** Its keys and values. */
    public GgufMetadata metadata() {
        return header.metadata();
    }

    /** Names of all tensors, in the order of the file. */
    public List<String> names() {
        return new ArrayList<>(header.tensors().keySet());
    }

    /** Whether there is a tensor of this name. */
    public boolean contains(String name) {
        return header.tensors().containsKey(name);
    }

    /** What a tensor is stored as. */
    public GgufType type(String name) {
        return tensor(name).type();
    }

    /** Dimensions of a tensor, the length of a row last. */
    public long[] shape(String name) {
        return tensor(name).shape();
    }

    /**
     * Reads a piece of a tensor: {@code out.remaining()} numbers in row-major order from element {@code first} on.
     *
     * @throws UserError if there is no such tensor, or the file became shorter
     */
    public synchronized void read(String name, long first, FloatBuffer out) {
        GgufTensor tensor = tensor(name);
        if (first < 0 || first + out.remaining() > tensor.elements()) {
            throw new IllegalArgumentException("elements " + first + " to " + (first + out.remaining()) + " of " + name
                    + ", which has " + tensor.elements());
        }
        GgufType type = tensor.type();
        BlockCodec codec = codecs.computeIfAbsent(type, GgufType::codec);
        int size = type.blockElements();
        long next = first;
        while (out.hasRemaining()) {
            long block = next / size;
            int skipped = (int) (next - block * size);
            int wanted = Math.min(out.remaining(), PIECE - skipped);
            int blocks = (skipped + wanted + size - 1) / size;
            fill(tensor.position() + block * type.blockBytes(), blocks * type.blockBytes());
            codec.decode(bytes, blocks, numbers);
            out.put(numbers, skipped, wanted);
            next += wanted;
        }
    }

    private void fill(long position, int count) {
        bytes.clear().limit(count);
        try {
            while (bytes.hasRemaining()) {
                if (channel.read(bytes, position + bytes.position()) < 0) {
                    throw new UserError(path + " became shorter while it was read");
                }
            }
        } catch (IOException e) {
            throw new UserError(path + " cannot be read: " + e.getMessage(), e);
        }
        bytes.flip();
    }

    private GgufTensor tensor(String name) {
        GgufTensor tensor = header.tensors().get(name);
        if (tensor == null) {
            throw new UserError(path + " has no tensor " + name);
        }
        return tensor;
    }

    @Override
    public void close() {
        closeQuietly(channel);
    }

    private static void closeQuietly(@Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            // nothing was written, so nothing is lost
        }
    }
}
