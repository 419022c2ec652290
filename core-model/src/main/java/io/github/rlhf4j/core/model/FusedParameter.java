package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.CompactMatrix;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A matrix as the engine multiplies it, with the parameters that are its rows (or a vector's columns).
 *
 * <p>A gradient that is cleared is not written to until something reads it or adds to it: most are first written by a product, which then has nothing to add to.
 */
final class FusedParameter {
    private final Kernels kernels;
    private final ParameterLayout.Matrix matrix;
    private final List<Parameter> parts = new ArrayList<>();
    private final @Nullable Tensor value; // (rows, columns); null where it is compact
    private final @Nullable CompactMatrix compact; // (rows, columns)
    private final int slabOffset; // elements
    private final @Nullable FusedParameter owner; // of the value, where it is another's
    private boolean multiplies; // whether a layer multiplies by it
    private boolean kept;
    private @Nullable Tensor transpose; // (columns, rows)
    private @Nullable Tensor gradient;
    private boolean cleared; // the gradient is zero, whatever its memory holds

    /** @param owner of the value, where it is another's */
    FusedParameter(
            Kernels kernels,
            ParameterLayout.Matrix matrix,
            Tensor slab,
            int slabOffset,
            @Nullable FusedParameter owner) {
        this(kernels, matrix, cut(matrix, slab, slabOffset), null, slabOffset, owner);
    }

    /** A frozen one whose value is that of another model's. */
    static FusedParameter sharing(Kernels kernels, ParameterLayout.Matrix matrix, FusedParameter with) {
        return new FusedParameter(kernels, matrix, with.value, with.compact, 0, null);
    }

    /** A frozen one in fewer bits. */
    FusedParameter(Kernels kernels, ParameterLayout.Matrix matrix, CompactMatrix compact) {
        this(kernels, matrix, null, compact, 0, null);
    }

    private FusedParameter(
            Kernels kernels,
            ParameterLayout.Matrix matrix,
            @Nullable Tensor value,
            @Nullable CompactMatrix compact,
            int slabOffset,
            @Nullable FusedParameter owner) {
        this.owner = owner;
        this.kernels = kernels;
        this.matrix = matrix;
        this.slabOffset = slabOffset;
        this.value = value;
        this.compact = compact;
        int from = 0;
        for (ParameterLayout.Part part : matrix.parts()) {
            parts.add(new Parameter(part, this, from, from + part.size()));
            from += part.size();
        }
    }

    private static Tensor cut(ParameterLayout.Matrix matrix, Tensor flat, int offset) {
        int size = Math.multiplyExact(matrix.rows(), matrix.columns());
        return flat.columns(offset, offset + size).reshape(matrix.rows(), matrix.columns());
    }

    ParameterLayout.Matrix matrix() {
        return matrix;
    }

    List<Parameter> parts() {
        return parts;
    }

    Tensor value() {
        if (value == null) {
            throw new IllegalStateException(matrix.key() + " is held in fewer bits");
        }
        return value;
    }

    /** The value where it is frozen and held in fewer bits, else null. */
    @Nullable
    CompactMatrix compact() {
        return compact;
    }

    /** Says that the value stays what it is. */
    void keep() {
        kept = true;
    }

    /** Whether the value stays what it is. */
    boolean isKept() {
        return kept || compact != null;
    }

    /** Takes the value of another like it. */
    void copyFrom(FusedParameter other) {
        if (compact != null && other.compact != null) {
            compact.copyFrom(other.compact);
        } else {
            kernels.copy(value(), other.value());
        }
    }

    /** {@code out =} the value. */
    void copyTo(Tensor out) {
        if (compact != null) {
            kernels.expand(out, compact);
        } else {
            kernels.copy(out, value());
        }
    }

    /** For a layer that multiplies by this matrix, so that there may be a transpose of it. */
    FusedParameter forProducts() {
        multiplies = true;
        return this;
    }

    boolean multiplies() {
        return multiplies;
    }

    /** The transpose of the value, (columns, rows), while there is one. */
    @Nullable
    Tensor transpose() {
        return owner == null ? transpose : owner.transpose();
    }

    void useTranspose(@Nullable Tensor newTranspose) {
        transpose = newTranspose;
    }

    boolean trainable() {
        return gradient != null;
    }

    Optional<Tensor> gradient() {
        return gradient(kernels);
    }

    /** @param on what writes the zeros of a cleared gradient: a replica's own kernels, since the model's wait for the replicas */
    Optional<Tensor> gradient(Kernels on) {
        settleGradient(on);
        return Optional.ofNullable(gradient);
    }

    /** The gradient, or no columns where it is frozen, which kernels take for none. */
    Tensor gradientOrEmpty(Kernels on) {
        return gradient(on).orElseGet(() -> value().columns(0, 0));
    }

    /** Sets the gradient to zero. */
    void clearGradient() {
        cleared = gradient != null;
    }

    /** Writes the zeros of a cleared gradient. */
    void settleGradient() {
        settleGradient(kernels);
    }

    private void settleGradient(Kernels on) {
        if (cleared && gradient != null) {
            on.zero(gradient);
        }
        cleared = false;
    }

    /** Adds {@code dOut^T x} to the gradient, where there is one, of the rows from {@code from} on. */
    void addGradient(Kernels on, int from, Tensor dOut, Tensor x) {
        addGradient(on, from, dOut, x, 1);
    }

    /**
     * Adds {@code factor dOut^T x} to the gradient, where there is one.
     *
     * @param from the first row of the matrix that {@code dOut} has a column for
     */
    void addGradient(Kernels on, int from, Tensor dOut, Tensor x, double factor) {
        if (gradient == null || dOut.rows() == 0) {
            return;
        }
        boolean whole = dOut.columns() == matrix.rows();
        if (!whole) {
            settleGradient(on);
        }
        Tensor sum = whole ? gradient : gradient.rows(from, from + dOut.columns());
        on.matmul(sum, dOut, true, x, false, factor, cleared ? 0 : 1);
        cleared = false;
    }

    boolean decays() {
        return matrix.decays();
    }

    boolean isVector() {
        return matrix.vector();
    }

    int slabOffset() {
        return slabOffset;
    }

    int size() {
        return matrix.rows() * matrix.columns();
    }

    Tensor matrixIn(ParameterStorage storage, Tensor flat) {
        return cut(matrix, flat, slabOffset - storage.slabOffset());
    }

    void useGradient(ParameterStorage storage) {
        gradient = storage.rawGradient().map(flat -> matrixIn(storage, flat)).orElse(null);
        cleared = false;
    }
}
