package io.github.rlhf4j.core.files;

import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.function.Consumer;

/** A tensor to write: its name, its shape, and where its numbers come from. */
public final class TensorEntry {
    private final String name;
    private final long[] shape;
    private final TensorData data;

    private TensorEntry(String name, TensorData data, long[] shape) {
        this.name = name;
        this.data = data;
        this.shape = shape.clone();
        for (long dimension : shape) {
            if (dimension < 0) {
                throw new IllegalArgumentException("a dimension of " + name + " must be >= 0, but is " + dimension);
            }
        }
    }

    /**
     * A tensor whose numbers lie in one buffer, from its position to its limit; the buffer itself is not moved.
     *
     * @throws IllegalArgumentException if the buffer does not hold as many numbers as the shape has
     */
    public static TensorEntry of(String name, FloatBuffer data, long... shape) {
        FloatBuffer view = data.duplicate();
        TensorEntry entry = new TensorEntry(name, sink -> sink.accept(view.duplicate()), shape);
        if (entry.elements() != view.remaining()) {
            throw new IllegalArgumentException(name + " has " + entry.elements() + " elements by its shape, but "
                    + view.remaining() + " in its buffer");
        }
        return entry;
    }

    /** A tensor whose numbers are produced while it is written (rows of a larger matrix, for example). */
    public static TensorEntry of(String name, TensorData data, long... shape) {
        return new TensorEntry(name, data, shape);
    }

    /** A float32 matrix of the engine, row after row. */
    public static TensorEntry of(String name, Tensor tensor) {
        return of(
                name,
                sink -> {
                    for (int row = 0; row < tensor.rows(); row++) {
                        sink.accept(tensor.row(row));
                    }
                },
                tensor.rows(),
                tensor.columns());
    }

    /** The name under which it is stored. */
    public String name() {
        return name;
    }

    /** Its dimensions; a copy. */
    public long[] shape() {
        return shape.clone();
    }

    /** How many numbers it holds. */
    public long elements() {
        long product = 1;
        for (long dimension : shape) {
            product = Math.multiplyExact(product, dimension);
        }
        return product;
    }

    /** Hands over its numbers, in pieces of any size. */
    public void writeTo(Consumer<FloatBuffer> sink) {
        data.writeTo(sink);
    }

    TensorData data() {
        return data;
    }
}
