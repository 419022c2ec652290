package io.github.rlhf4j.core.wire;

import io.github.rlhf4j.core.tensor.CompactMatrix;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Reads what a {@link WireWriter} wrote. Bytes that end too early, or say lengths that cannot be, are an {@link IllegalStateException}. */
public final class WireReader {
    private final List<byte[]> pieces;
    private long left;
    private int next;
    private ByteBuffer now = ByteBuffer.allocate(0);

    public WireReader(byte[] bytes) {
        this(List.of(bytes));
    }

    /** @param pieces as {@link Blob#chunks} has them */
    public WireReader(List<byte[]> pieces) {
        this.pieces = List.copyOf(pieces);
        this.left = pieces.stream().mapToLong(piece -> piece.length).sum();
    }

    /** The next {@code bytes}, at most 8, in one buffer: no value is in two pieces. */
    private ByteBuffer take(int bytes) {
        ByteBuffer from = some();
        if (from.remaining() < bytes) {
            throw damaged("a value is cut");
        }
        left -= bytes;
        return from;
    }

    private ByteBuffer some() {
        while (!now.hasRemaining()) {
            if (next == pieces.size()) {
                throw damaged("they end too early");
            }
            now = ByteBuffer.wrap(pieces.get(next++)).order(ByteOrder.LITTLE_ENDIAN);
        }
        return now;
    }

    private static IllegalStateException damaged(String how) {
        return new IllegalStateException("the bytes of a message are damaged: " + how);
    }

    private int length(int bytesOfEach) {
        int length = getInt();
        if (length < 0 || (long) length * bytesOfEach > left) {
            throw damaged("a length of " + length);
        }
        return length;
    }

    /** As {@link WireWriter#putInt} wrote it; the others likewise. */
    public int getInt() {
        return take(Integer.BYTES).getInt();
    }

    public long getLong() {
        return take(Long.BYTES).getLong();
    }

    public double getDouble() {
        return take(Double.BYTES).getDouble();
    }

    public boolean getBoolean() {
        return take(1).get() != 0;
    }

    public byte[] getBytes() {
        byte[] values = new byte[length(1)];
        int done = 0;
        while (done < values.length) {
            ByteBuffer from = some();
            int count = Math.min(from.remaining(), values.length - done);
            from.get(values, done, count);
            left -= count;
            done += count;
        }
        return values;
    }

    public String getText() {
        return new String(getBytes(), StandardCharsets.UTF_8);
    }

    public int[] getInts() {
        int[] values = new int[length(Integer.BYTES)];
        for (int i = 0; i < values.length; i++) {
            values[i] = getInt();
        }
        return values;
    }

    public double[] getDoubles() {
        double[] values = new double[length(Double.BYTES)];
        for (int i = 0; i < values.length; i++) {
            values[i] = getDouble();
        }
        return values;
    }

    public float[] getFloats() {
        float[] values = new float[length(Float.BYTES)];
        for (int i = 0; i < values.length; i++) {
            values[i] = take(Float.BYTES).getFloat();
        }
        return values;
    }

    public <E> List<E> getList(Function<WireReader, E> read) {
        int length = length(1);
        List<E> values = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            values.add(read.apply(this));
        }
        return values;
    }

    public <E> Optional<E> getOptional(Function<WireReader, E> read) {
        return getBoolean() ? Optional.of(read.apply(this)) : Optional.empty();
    }

    /** The digest of bytes that travelled apart; a worker has them. */
    public Blob getReference() {
        return new Blob(getText(), getLong(), List.of());
    }

    /** Reads a tensor of this one's shape and type into it. */
    public void into(Tensor tensor) {
        int rows = getInt();
        int columns = getInt();
        if (rows != tensor.rows() || columns != tensor.columns()) {
            throw damaged("a tensor of " + rows + " x " + columns + " where there must be " + tensor.rows() + " x "
                    + tensor.columns());
        }
        for (int row = 0; row < rows; row++) {
            if (tensor.type() == DataType.DOUBLE) {
                for (int column = 0; column < columns; column++) {
                    tensor.doubles().put(tensor.offset(row) + column, getDouble());
                }
            } else {
                floatsInto(tensor, row);
            }
        }
    }

    private void floatsInto(Tensor tensor, int row) {
        int done = 0;
        while (done < tensor.columns()) {
            ByteBuffer from = some();
            int count = Math.min(from.remaining() / Float.BYTES, tensor.columns() - done);
            if (count == 0) {
                throw damaged("a value is cut");
            }
            tensor.floats().put(tensor.offset(row) + done, from.asFloatBuffer(), 0, count);
            from.position(from.position() + count * Float.BYTES);
            left -= (long) count * Float.BYTES;
            done += count;
        }
    }

    /** Reads a matrix of this one's shape and form into it. */
    public void into(CompactMatrix matrix) {
        int rows = getInt();
        int columns = getInt();
        String type = getText();
        if (rows != matrix.rows()
                || columns != matrix.columns()
                || !type.equals(matrix.type().name())) {
            throw damaged("a matrix of " + rows + " x " + columns + " in " + type);
        }
        for (int row = 0; row < rows; row++) {
            for (int word = 0; word < matrix.wordsOfRow(); word++) {
                matrix.words().put(matrix.wordOffset(row) + word, getInt());
            }
            for (int scale = 0; scale < matrix.scalesOfRow(); scale++) {
                matrix.scales()
                        .put(matrix.scaleOffset(row) + scale, take(Float.BYTES).getFloat());
            }
        }
    }

    /**
     * To be called after the last value.
     *
     * @throws IllegalStateException where there is more
     */
    public void end() {
        if (left != 0) {
            throw damaged(left + " bytes more than were expected");
        }
    }
}
