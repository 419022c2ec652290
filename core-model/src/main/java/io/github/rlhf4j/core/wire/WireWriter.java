package io.github.rlhf4j.core.wire;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.tensor.CompactMatrix;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/** Writes values, one after the other, for a {@link WireReader} that reads the same in the same order. */
public final class WireWriter {
    /** Most bytes of a piece. */
    public static final int CHUNK = 64 << 20;

    private static final int FIRST = 256;

    private final List<byte[]> full = new ArrayList<>();
    private ByteBuffer now = buffer(FIRST);

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Makes room for some bytes, at most 8: in this piece or the next. */
    private ByteBuffer room(int bytes) {
        if (now.remaining() < bytes) {
            if (now.capacity() < CHUNK) {
                int larger = Math.min(CHUNK, 2 * now.capacity());
                now = ByteBuffer.wrap(Arrays.copyOf(now.array(), larger))
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .position(now.position());
            } else {
                end();
            }
        }
        return now;
    }

    private void end() {
        full.add(now.position() == now.capacity() ? now.array() : Arrays.copyOf(now.array(), now.position()));
        now = buffer(CHUNK);
    }

    /** A whole number of 32 bits. */
    public WireWriter putInt(int value) {
        room(Integer.BYTES).putInt(value);
        return this;
    }

    /** A whole number of 64 bits. */
    public WireWriter putLong(long value) {
        room(Long.BYTES).putLong(value);
        return this;
    }

    /** A number, to the bit. */
    public WireWriter putDouble(double value) {
        room(Double.BYTES).putDouble(value);
        return this;
    }

    /** True or false. */
    public WireWriter putBoolean(boolean value) {
        room(1).put((byte) (value ? 1 : 0));
        return this;
    }

    /** Bytes. */
    public WireWriter putBytes(byte[] values) {
        putInt(values.length);
        int done = 0;
        while (done < values.length) {
            ByteBuffer to = room(1);
            int count = Math.min(to.remaining(), values.length - done);
            to.put(values, done, count);
            done += count;
        }
        return this;
    }

    /** A text. */
    public WireWriter putText(String value) {
        return putBytes(value.getBytes(StandardCharsets.UTF_8));
    }

    /** Whole numbers. */
    public WireWriter putInts(int[] values) {
        putInt(values.length);
        for (int value : values) {
            putInt(value);
        }
        return this;
    }

    /** Numbers, to the bit. */
    public WireWriter putDoubles(double[] values) {
        putInt(values.length);
        for (double value : values) {
            putDouble(value);
        }
        return this;
    }

    /** Numbers in single precision, to the bit. */
    public WireWriter putFloats(float[] values) {
        putInt(values.length);
        for (float value : values) {
            room(Float.BYTES).putFloat(value);
        }
        return this;
    }

    /** A list, each element by {@code write}. */
    public <E> WireWriter putList(List<E> values, BiConsumer<WireWriter, E> write) {
        putInt(values.size());
        values.forEach(value -> write.accept(this, value));
        return this;
    }

    /** A value that may be missing, by {@code write} where it is there. */
    public <E> WireWriter putOptional(Optional<E> value, BiConsumer<WireWriter, E> write) {
        putBoolean(value.isPresent());
        value.ifPresent(present -> write.accept(this, present));
        return this;
    }

    /** The digest of bytes that travel apart. */
    public WireWriter putReference(Blob blob) {
        return putText(blob.sha256()).putLong(blob.length());
    }

    /** The elements of a tensor, row by row, as the reader's {@link WireReader#into(Tensor)} takes them. */
    public WireWriter putTensor(Tensor tensor) {
        putInt(tensor.rows()).putInt(tensor.columns());
        for (int row = 0; row < tensor.rows(); row++) {
            if (tensor.type() == DataType.DOUBLE) {
                for (int column = 0; column < tensor.columns(); column++) {
                    putDouble(tensor.doubles().get(tensor.offset(row) + column));
                }
            } else {
                putFloats(tensor, row);
            }
        }
        return this;
    }

    private void putFloats(Tensor tensor, int row) {
        int done = 0;
        while (done < tensor.columns()) {
            ByteBuffer to = room(Float.BYTES);
            int count = Math.min(to.remaining() / Float.BYTES, tensor.columns() - done);
            to.asFloatBuffer().put(0, tensor.floats(), tensor.offset(row) + done, count);
            to.position(to.position() + count * Float.BYTES);
            done += count;
        }
    }

    /** A matrix in fewer bits, as {@link WireReader#into(CompactMatrix)} takes it. */
    public WireWriter putCompact(CompactMatrix matrix) {
        putInt(matrix.rows()).putInt(matrix.columns()).putText(matrix.type().name());
        for (int row = 0; row < matrix.rows(); row++) {
            for (int word = 0; word < matrix.wordsOfRow(); word++) {
                putInt(matrix.words().get(matrix.wordOffset(row) + word));
            }
            for (int scale = 0; scale < matrix.scalesOfRow(); scale++) {
                room(Float.BYTES).putFloat(matrix.scales().get(matrix.scaleOffset(row) + scale));
            }
        }
        return this;
    }

    /** All that was written, as pieces. */
    private List<byte[]> pieces() {
        List<byte[]> all = new ArrayList<>(full);
        if (now.position() > 0) {
            all.add(Arrays.copyOf(now.array(), now.position()));
        }
        return all;
    }

    /** All that was written, with its digest. */
    public Blob blob() {
        return Blob.of(pieces());
    }

    /**
     * All that was written as one array.
     *
     * @throws UserError where it is more than 1 GiB
     */
    public byte[] bytes() {
        List<byte[]> all = pieces();
        long length = all.stream().mapToLong(piece -> piece.length).sum();
        if (length > 1 << 30) {
            throw new UserError(
                    length
                            + " bytes are too many for one message between processes, which may have 1 GiB: take a smaller batch_size");
        }
        if (all.size() == 1) {
            return all.get(0);
        }
        ByteBuffer whole = ByteBuffer.allocate((int) length);
        all.forEach(whole::put);
        return whole.array();
    }
}
