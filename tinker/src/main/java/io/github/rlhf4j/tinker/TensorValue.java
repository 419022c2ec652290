package io.github.rlhf4j.tinker;

import io.github.rlhf4j.core.UserError;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * An input of a loss, of one or two dimensions.
 *
 * @param values row after row
 * @param rows positions
 * @param columns of each; 1 where there is one dimension
 * @param isMatrix whether there are two dimensions
 */
@SuppressWarnings("ArrayRecordComponent") // identity is all that is asked of it
record TensorValue(double[] values, int rows, int columns, boolean isMatrix) {
    private static final int MOST = 1 << 24; // numbers, however few a sparse tensor lists
    private static final int FLOAT32 = 1;
    private static final int INT64 = 2;
    private static final int INT32 = 3;

    double at(int row, int column) {
        return values[row * columns + column];
    }

    /** Numbers of one dimension. */
    static TensorValue of(double... values) {
        return new TensorValue(values, values.length, 1, false);
    }

    /**
     * Reads the SDK's message.
     *
     * @param missing what stands where a sparse tensor says nothing
     */
    static TensorValue read(WireReader message, String name, double missing) {
        byte[] dense = {};
        Sparse sparse = null;
        int type = 0;
        long[] shape = {};
        while (message.next()) {
            switch (message.field()) {
                case 1 -> dense = message.bytes();
                case 2 -> sparse = Sparse.read(message.message());
                case 3 -> type = (int) message.varint();
                case 4 -> shape = concat(shape, message.varints());
                default -> message.skip();
            }
        }
        double[] values = numbers(sparse == null ? dense : sparse.values, type, name);
        if (shape.length == 0) {
            shape = new long[] {values.length};
        }
        if (shape.length > 2 || Arrays.stream(shape).anyMatch(size -> size < 0 || size > MOST)) {
            throw new UserError(name + " must have one or two dimensions, but has the shape " + Arrays.toString(shape));
        }
        int rows = (int) shape[0];
        int columns = shape.length == 2 ? (int) shape[1] : 1;
        if ((long) rows * columns > MOST) {
            throw new UserError(name + " has the shape " + Arrays.toString(shape) + ", which is too large");
        }
        double[] all = sparse == null ? values : sparse.expand(values, rows, columns, missing, name);
        if (all.length != rows * columns) {
            throw new UserError(name + " has " + all.length + " numbers, but the shape " + Arrays.toString(shape));
        }
        return new TensorValue(all, rows, columns, shape.length == 2);
    }

    private static double[] numbers(byte[] bytes, int type, String name) {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int size = type == INT64 ? Long.BYTES : Integer.BYTES;
        if (type != FLOAT32 && type != INT64 && type != INT32 || bytes.length % size != 0) {
            throw new UserError(name + " must be float32 or int64 numbers");
        }
        double[] values = new double[bytes.length / size];
        Arrays.setAll(values, i -> switch (type) {
            case FLOAT32 -> in.getFloat(i * size);
            case INT64 -> in.getLong(i * size);
            default -> in.getInt(i * size);
        });
        return values;
    }

    private static long[] concat(long[] some, long[] more) {
        long[] all = Arrays.copyOf(some, some.length + more.length);
        System.arraycopy(more, 0, all, some.length, more.length);
        return all;
    }

    /** Compressed sparse rows. */
    private record Sparse(byte[] values, double[] rowStarts, double[] columnsOf) {
        static Sparse read(WireReader message) {
            byte[] values = {};
            byte[] rows = {};
            byte[] columns = {};
            while (message.next()) {
                switch (message.field()) {
                    case 1 -> values = message.bytes();
                    case 2 -> rows = message.bytes();
                    case 3 -> columns = message.bytes();
                    default -> message.skip();
                }
            }
            return new Sparse(values, numbers(rows, INT64, "crow_indices"), numbers(columns, INT64, "col_indices"));
        }

        double[] expand(double[] listed, int rows, int columns, double missing, String name) {
            double[] all = new double[rows * columns];
            Arrays.fill(all, missing);
            boolean isSound = rowStarts.length == rows + 1
                    && columnsOf.length == listed.length
                    && rowStarts[0] == 0
                    && rowStarts[rows] == listed.length;
            for (int row = 0; isSound && row < rows; row++) {
                isSound = rowStarts[row] >= 0 && rowStarts[row] <= rowStarts[row + 1];
                for (int i = (int) rowStarts[row]; isSound && i < rowStarts[row + 1]; i++) {
                    isSound = i < listed.length && columnsOf[i] >= 0 && columnsOf[i] < columns;
                    if (isSound) {
                        all[row * columns + (int) columnsOf[i]] = listed[i];
                    }
                }
            }
            if (!isSound) {
                throw new UserError(
                        name + " is no sound sparse tensor of " + rows + " rows and " + columns + " columns");
            }
            return all;
        }
    }
}
