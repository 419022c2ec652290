package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A run of weights that lie end to end and are alike in decay and in having a gradient: what the optimiser updates in one call. Gaps between matrices (for alignment) are zero in
 * value and gradient.
 */
public final class ParameterStorage {
    private final Tensor value; // (1, elements)
    private final @Nullable Tensor gradient; // (1, elements)
    private final int slabOffset;
    private final boolean decays;
    private final List<Parameter> parameters;

    ParameterStorage(
            Tensor value, @Nullable Tensor gradient, int slabOffset, boolean decays, List<Parameter> parameters) {
        this.value = value;
        this.gradient = gradient;
        this.slabOffset = slabOffset;
        this.decays = decays;
        this.parameters = parameters;
    }

    /** The weights, one row. */
    public Tensor value() {
        return value;
    }

    /** Their gradients, one row; empty where frozen. */
    public Optional<Tensor> gradient() {
        parameters.forEach(Parameter::settleGradient);
        return rawGradient();
    }

    /** {@link #gradient} without the zeros of those that were cleared. */
    Optional<Tensor> rawGradient() {
        return Optional.ofNullable(gradient);
    }

    /** Whether weight decay applies. */
    public boolean decays() {
        return decays;
    }

    /** The parameters that lie in it, in order. */
    public List<Parameter> parameters() {
        return parameters;
    }

    int slabOffset() {
        return slabOffset;
    }
}
