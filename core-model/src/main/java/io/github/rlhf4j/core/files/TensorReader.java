package io.github.rlhf4j.core.files;

import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.List;

/** Tensors of floating-point numbers under Hugging Face's names, wherever they are stored. Safe for several threads. */
public interface TensorReader extends AutoCloseable {
    /** Names of all tensors, in the order of the file. */
    List<String> names();

    /** Whether there is a tensor of this name. */
    boolean contains(String name);

    /** Dimensions of a tensor. */
    long[] shape(String name);

    /** How many numbers a tensor holds. */
    long elements(String name);

    /** The stored type as the file's format spells it: F32, BF16, Q8_0... */
    String dtype(String name);

    /**
     * Reads a whole tensor as floats.
     *
     * @param out filled from its position to its limit, which must be exactly the tensor's elements
     */
    default void read(String name, FloatBuffer out) {
        if (out.remaining() != elements(name)) {
            throw new IllegalArgumentException(
                    name + " has " + elements(name) + " elements, but there is room for " + out.remaining());
        }
        read(name, 0, out);
    }

    /** Reads as many numbers as a float32 matrix of the engine has, row after row. */
    default void read(String name, Tensor out) {
        for (int row = 0; row < out.rows(); row++) {
            read(name, (long) row * out.columns(), out.row(row));
        }
    }

    /** Reads a piece of a tensor: {@code out.remaining()} numbers in row-major order from element {@code first} on. */
    void read(String name, long first, FloatBuffer out);

    @Override
    void close();
}
