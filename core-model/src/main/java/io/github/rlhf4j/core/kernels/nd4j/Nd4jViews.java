package io.github.rlhf4j.core.kernels.nd4j;

import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.Tensor;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Tensors as INDArrays over the same memory, without a copy. They own nothing and are valid as long as the tensor is. */
final class Nd4jViews {
    private Nd4jViews() {}

    private static final class Floats extends FloatPointer {
        Floats(long at, long elements) {
            super((Pointer) null);
            address = at;
            limit = elements;
            capacity = elements;
        }
    }

    private static final class Doubles extends DoublePointer {
        Doubles(long at, long elements) {
            super((Pointer) null);
            address = at;
            limit = elements;
            capacity = elements;
        }
    }

    /** A (rows, columns) view of {@code tensor}, which must have elements; writes go through. */
    static INDArray of(Tensor tensor) {
        long elements = (long) (tensor.rows() - 1) * tensor.rowStride() + tensor.columns();
        Pointer pointer = tensor.type() == DataType.FLOAT
                ? new Floats(tensor.address(), elements)
                : new Doubles(tensor.address(), elements);
        DataBuffer buffer = Nd4j.createBuffer(pointer, elements, type(tensor.type()));
        return Nd4j.create(
                buffer, new long[] {tensor.rows(), tensor.columns()}, new long[] {tensor.rowStride(), 1}, 0, 'c');
    }

    /** Rows {@code fromRow .. toRow - 1} and columns {@code fromColumn .. toColumn - 1} of a matrix; ND4J's own {@code get} drops dimensions of length 1. */
    static INDArray part(INDArray matrix, long fromRow, long toRow, long fromColumn, long toColumn) {
        long offset = matrix.offset() + fromRow * matrix.stride(0) + fromColumn * matrix.stride(1);
        long[] shape = {toRow - fromRow, toColumn - fromColumn};
        return Nd4j.create(matrix.data(), shape, matrix.stride(), offset, 'c');
    }

    static org.nd4j.linalg.api.buffer.DataType type(DataType type) {
        return type == DataType.FLOAT
                ? org.nd4j.linalg.api.buffer.DataType.FLOAT
                : org.nd4j.linalg.api.buffer.DataType.DOUBLE;
    }
}
