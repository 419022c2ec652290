package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A matrix as the engine multiplies it, with the parameters that are its rows (or a vector's columns). */
final class FusedParameter {
    private final ParameterLayout.Matrix matrix;
    private final List<Parameter> parts = new ArrayList<>();
    private final Tensor value; // (rows, columns)
    private final int slabOffset; // elements
    private @Nullable Tensor gradient;

    FusedParameter(ParameterLayout.Matrix matrix, Tensor slab, int slabOffset) {
        this.matrix = matrix;
        this.slabOffset = slabOffset;
        this.value = cut(slab, slabOffset);
        int from = 0;
        for (ParameterLayout.Part part : matrix.parts()) {
            parts.add(new Parameter(part, this, from, from + part.size()));
            from += part.size();
        }
    }

    private Tensor cut(Tensor flat, int offset) {
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
        return value;
    }

    Optional<Tensor> gradient() {
        return Optional.ofNullable(gradient);
    }

    /** The gradient, or no columns where it is frozen, which kernels take for none. */
    Tensor gradientOrEmpty() {
        return gradient == null ? value.columns(0, 0) : gradient;
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
        return cut(flat, slabOffset - storage.slabOffset());
    }

    void useGradient(ParameterStorage storage) {
        gradient = storage.gradient().map(flat -> matrixIn(storage, flat)).orElse(null);
    }
}
