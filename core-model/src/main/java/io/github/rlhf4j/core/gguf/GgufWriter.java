package io.github.rlhf4j.core.gguf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Writes a file of version 3, little-endian: header, metadata, tensors in the order given. */
public final class GgufWriter {
    private static final int VERSION = 3;
    private static final int PIECE = 1 << 16; // numbers stored at a time: whole blocks of every type

    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(1 << 18).order(ByteOrder.LITTLE_ENDIAN);

    /**
     * A tensor to be written.
     *
     * @param shape the length of a row last
     * @param numbers hands over its numbers in row-major order, in pieces of any size
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Tensor(String name, GgufType type, long[] shape, Consumer<Consumer<FloatBuffer>> numbers) {
        long elements() {
            long product = 1;
            for (long size : shape) {
                product = Math.multiplyExact(product, size);
            }
            return product;
        }
    }

    private GgufWriter(FileChannel channel) {
        this.channel = channel;
    }

    /** Writes a whole file to a channel at its beginning. */
    public static void write(FileChannel channel, GgufMetadata metadata, List<Tensor> tensors) throws IOException {
        try {
            new GgufWriter(channel).write(metadata, tensors);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private void write(GgufMetadata metadata, List<Tensor> tensors) throws IOException {
        buffer.putInt(GgufHeader.MAGIC)
                .putInt(VERSION)
                .putLong(tensors.size())
                .putLong(metadata.values().size());
        for (Map.Entry<String, GgufMetadata.Value> entry : metadata.values().entrySet()) {
            putText(entry.getKey());
            putValue(entry.getValue());
        }
        long offset = 0;
        for (Tensor tensor : tensors) {
            putText(tensor.name());
            room(4 + 8 * tensor.shape().length + 12).putInt(tensor.shape().length);
            for (int i = tensor.shape().length - 1; i >= 0; i--) {
                buffer.putLong(tensor.shape()[i]);
            }
            buffer.putInt(tensor.type().id()).putLong(offset);
            offset += GgufHeader.aligned(tensor.type().bytes(tensor.elements()), GgufHeader.DEFAULT_ALIGNMENT);
        }
        align();
        for (Tensor tensor : tensors) {
            new Numbers(tensor).write();
            align();
        }
        flush();
    }

    private void putValue(GgufMetadata.Value value) throws IOException {
        GgufKind kind = value.kind();
        if (!value.isArray()) {
            room(4).putInt(kind.id());
            putScalar(kind, value.content());
            return;
        }
        room(8).putInt(GgufKind.ARRAY.id()).putInt(kind.id());
        if (value.content() instanceof double[] numbers) {
            room(8).putLong(numbers.length);
            for (double number : numbers) {
                putScalar(kind, kind == GgufKind.FLOAT32 ? (Object) number : (Object) (long) number);
            }
        } else {
            List<?> texts = (List<?>) value.content();
            room(8).putLong(texts.size());
            for (Object text : texts) {
                putText((String) text);
            }
        }
    }

    private void putScalar(GgufKind kind, Object content) throws IOException {
        switch (kind) {
            case STRING -> putText((String) content);
            case BOOL -> room(1).put((byte) ((boolean) content ? 1 : 0));
            case FLOAT32 -> room(4).putFloat((float) (double) content);
            case UINT32, INT32 -> room(4).putInt((int) (long) content);
            default -> throw new IllegalArgumentException("values of kind " + kind + " are not written");
        }
    }

    private void putText(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        room(8).putLong(bytes.length);
        for (int from = 0; from < bytes.length; ) {
            int some = Math.min(bytes.length - from, buffer.capacity());
            room(some).put(bytes, from, some);
            from += some;
        }
    }

    private ByteBuffer room(int bytes) throws IOException {
        if (buffer.remaining() < bytes) {
            flush();
        }
        return buffer;
    }

    private void align() throws IOException {
        flush();
        long position = channel.position();
        int zeros = (int) (GgufHeader.aligned(position, GgufHeader.DEFAULT_ALIGNMENT) - position);
        buffer.put(new byte[zeros]);
    }

    private void flush() throws IOException {
        buffer.flip();
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        buffer.clear();
    }

    /** The numbers of one tensor, a piece at a time. */
    private final class Numbers {
        private final Tensor tensor;
        private final BlockCodec codec;
        private final float[] piece = new float[PIECE];
        private int filled;
        private long written;

        Numbers(Tensor tensor) {
            this.tensor = tensor;
            this.codec = tensor.type().codec();
        }

        void write() throws IOException {
            tensor.numbers().accept(this::accept);
            store();
            if (written != tensor.elements()) {
                throw new IllegalStateException(tensor.name() + " has " + tensor.elements()
                        + " elements by its shape, but " + written + " were given");
            }
        }

        private void accept(FloatBuffer some) {
            while (some.hasRemaining()) {
                int count = Math.min(some.remaining(), PIECE - filled);
                some.get(piece, filled, count);
                filled += count;
                if (filled == PIECE) {
                    store();
                }
            }
        }

        private void store() {
            int blocks = filled / tensor.type().blockElements();
            try {
                room(blocks * tensor.type().blockBytes());
                codec.encode(piece, blocks, buffer);
            } catch (IOException e) {
                throw new UncheckedIOException(e.getMessage(), e);
            }
            written += filled;
            filled = 0;
        }
    }
}
