package io.github.rlhf4j.core.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A row-major matrix in native memory (or, {@link #onHeap}, in an array), or a view of some of another's rows and columns. A vector is a matrix of one row.
 *
 * <p>The memory belongs to the {@link NativeMemory} it was allocated from and is valid until that is released or closed; a tensor keeps it reachable. Element (i, j) lies at
 * {@code offset() + i * rowStride() + j} of the window {@link #floats()} (or {@link #doubles()}), and at {@code address() + that * type().bytes()} of the process.
 */
public final class Tensor {
    private static final int ZEROS = 1 << 16; // elements

    private final DataType type;
    private final FloatBuffer floats;
    private final DoubleBuffer doubles;
    private final int offset;
    private final long windowAddress;
    private final int rows;
    private final int columns;
    private final int rowStride;

    @SuppressWarnings("unused") // keeps the memory from being collected, which frees it
    private final @Nullable NativeMemory memory;

    Tensor(
            NativeMemory memory,
            DataType type,
            ByteBuffer bytes,
            int offset,
            long windowAddress,
            int rows,
            int columns,
            int rowStride) {
        this.memory = memory;
        this.type = type;
        ByteBuffer window = bytes.duplicate().order(ByteOrder.nativeOrder());
        this.floats = window.asFloatBuffer();
        this.doubles = window.asDoubleBuffer();
        this.offset = offset;
        this.windowAddress = windowAddress;
        this.rows = rows;
        this.columns = columns;
        this.rowStride = rowStride;
    }

    private Tensor(float[] array, int rows, int columns) {
        this.memory = null;
        this.type = DataType.FLOAT;
        this.floats = FloatBuffer.wrap(array);
        this.doubles = DoubleBuffer.allocate(0);
        this.offset = 0;
        this.windowAddress = 0;
        this.rows = rows;
        this.columns = columns;
        this.rowStride = columns;
    }

    private Tensor(Tensor of, int offset, int rows, int columns, int rowStride) {
        this.memory = of.memory;
        this.type = of.type;
        this.floats = of.floats;
        this.doubles = of.doubles;
        this.offset = offset;
        this.windowAddress = of.windowAddress;
        this.rows = rows;
        this.columns = columns;
        this.rowStride = rowStride;
    }

    /**
     * A (rows, columns) tensor of zeros in an array of its own, which {@link #floats} tells: for weights that vector loops read where they lie. It has no {@link #address}, so products by BLAS cannot use it.
     */
    public static Tensor onHeap(int rows, int columns) {
        return new Tensor(new float[Math.multiplyExact(rows, columns)], rows, columns);
    }

    public DataType type() {
        return type;
    }

    public int rows() {
        return rows;
    }

    public int columns() {
        return columns;
    }

    /** Elements from one row to the next, >= columns. */
    public int rowStride() {
        return rowStride;
    }

    /** Index of element (0, 0) in {@link #floats()} or {@link #doubles()}. */
    public int offset() {
        return offset;
    }

    /** Index of element (row, 0). */
    public int offset(int row) {
        return offset + row * rowStride;
    }

    /** Process address of element (0, 0). */
    public long address() {
        if (windowAddress == 0) {
            throw new IllegalStateException("a tensor on the heap has no address");
        }
        return windowAddress + (long) offset * type.bytes();
    }

    /** Elements, rows x columns. */
    public long size() {
        return (long) rows * columns;
    }

    /** Whether rows follow each other without a gap. */
    public boolean isContiguous() {
        return rowStride == columns || rows == 1;
    }

    /** The window this tensor is in, for absolute bulk get and put; float32 only. Its position is never to be used. */
    public FloatBuffer floats() {
        if (type != DataType.FLOAT) {
            throw new IllegalStateException("a " + type + " tensor has no floats");
        }
        return floats;
    }

    /** The elements of a row, from position to limit; float32 only. */
    public FloatBuffer row(int row) {
        return floats().slice(offset(row), columns);
    }

    /** As {@link #floats}, for DOUBLE. */
    public DoubleBuffer doubles() {
        if (type != DataType.DOUBLE) {
            throw new IllegalStateException("a " + type + " tensor has no doubles");
        }
        return doubles;
    }

    /** A view of rows {@code from .. to - 1}. */
    public Tensor rows(int from, int to) {
        checkRange(from, to, rows, "rows");
        return new Tensor(this, offset + from * rowStride, to - from, columns, rowStride);
    }

    /** A view of columns {@code from .. to - 1} of every row. */
    public Tensor columns(int from, int to) {
        checkRange(from, to, columns, "columns");
        return new Tensor(this, offset + from, rows, to - from, rowStride);
    }

    /** A view of the same elements as {@code rows x columns}; this must be contiguous. */
    public Tensor reshape(int newRows, int newColumns) {
        if (!isContiguous() || (long) newRows * newColumns != size()) {
            throw new IllegalArgumentException("cannot view " + this + " as " + newRows + " x " + newColumns);
        }
        return new Tensor(this, offset, newRows, newColumns, newColumns);
    }

    /** Element (row, column); slow, for tests and single values. */
    public double get(int row, int column) {
        int index = offset(row) + column;
        return type == DataType.FLOAT ? floats.get(index) : doubles.get(index);
    }

    /** Sets element (row, column); slow, for tests and single values. */
    public void set(int row, int column, double value) {
        int index = offset(row) + column;
        if (type == DataType.FLOAT) {
            floats.put(index, (float) value);
        } else {
            doubles.put(index, value);
        }
    }

    /** Sets every element to zero. */
    public void zero() {
        int width = Math.min(columns, ZEROS); // a row may be all weights of a model, which the heap cannot hold
        float[] floatZeros = type == DataType.FLOAT ? new float[width] : new float[0];
        double[] doubleZeros = type == DataType.DOUBLE ? new double[width] : new double[0];
        for (int row = 0; row < rows; row++) {
            for (int from = 0; from < columns; from += width) {
                int count = Math.min(width, columns - from);
                if (type == DataType.FLOAT) {
                    floats.put(offset(row) + from, floatZeros, 0, count);
                } else {
                    doubles.put(offset(row) + from, doubleZeros, 0, count);
                }
            }
        }
    }

    /** A copy of all elements, row by row; for tests and small tensors. */
    public double[] toArray() {
        double[] values = new double[Math.toIntExact(size())];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                values[row * columns + column] = get(row, column);
            }
        }
        return values;
    }

    /** Sets all elements, row by row. */
    public void set(double... values) {
        if (values.length != size()) {
            throw new IllegalArgumentException(values.length + " values for " + this);
        }
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                set(row, column, values[row * columns + column]);
            }
        }
    }

    @Override
    public String toString() {
        return "Tensor(" + type + ", " + rows + " x " + columns + ")";
    }

    private static void checkRange(int from, int to, int size, String what) {
        if (from < 0 || to < from || to > size) {
            throw new IndexOutOfBoundsException(what + " " + from + " .. " + to + " of " + size);
        }
    }
}
