package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Goes through tensors in pieces of at most 65,536 numbers of a row: in which order, and how they are cut, depends on shapes alone. */
final class WeightPieces {
    static final int LONGEST = 1 << 16;

    private WeightPieces() {}

    /** What is done with a piece. */
    interface Visitor {
        /**
         * Does it.
         *
         * @param tensor its place in the list
         * @param row of the tensor
         * @param from its first column
         */
        void piece(int tensor, int row, int from, int count) throws IOException;
    }

    /** Visits all pieces. */
    static void visit(List<Tensor> tensors, Visitor visitor) throws IOException {
        for (int i = 0; i < tensors.size(); i++) {
            Tensor tensor = tensors.get(i);
            for (int row = 0; row < tensor.rows(); row++) {
                for (int from = 0; from < tensor.columns(); from += LONGEST) {
                    visitor.piece(i, row, from, Math.min(LONGEST, tensor.columns() - from));
                }
            }
        }
    }

    /** Takes bytes. */
    interface Sink {
        /** @param bytes in an array from 0 to the limit; used again afterwards */
        void take(ByteBuffer bytes) throws IOException;
    }

    /** All numbers as they are, float32, big-endian. */
    static void write(List<Tensor> tensors, Sink sink) throws IOException {
        float[] values = new float[LONGEST];
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * LONGEST);
        visit(tensors, (tensor, row, from, count) -> {
            get(tensors.get(tensor), row, from, values, count);
            bytes.clear().asFloatBuffer().put(values, 0, count);
            sink.take(bytes.limit(Float.BYTES * count));
        });
    }

    /** The numbers of a piece. */
    static void get(Tensor tensor, int row, int from, float[] out, int count) {
        tensor.floats().get(tensor.offset(row) + from, out, 0, count);
    }

    /** Sets the numbers of a piece. */
    static void put(Tensor tensor, int row, int from, float[] values, int count) {
        tensor.floats().put(tensor.offset(row) + from, values, 0, count);
    }

    /** Bytes that the differences of these weights take. */
    static long bytes(List<Tensor> tensors, DifferenceType type) {
        long[] sum = new long[1];
        try {
            visit(tensors, (tensor, row, from, count) -> sum[0] += type.bytes(count));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return sum[0];
    }
}
