package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.Tensor;

/** The root-mean-square norm of the rows, with a weight a channel. */
public final class RmsNorm {
    private final Kernels kernels;
    private final FusedParameter weight; // (1, C)
    private final double epsilon;

    RmsNorm(Kernels kernels, FusedParameter weight, double epsilon) {
        this.kernels = kernels;
        this.weight = weight;
        this.epsilon = epsilon;
    }

    /** The weight, (1, C). */
    public Tensor weight() {
        return weight.value();
    }

    /**
     * {@code out = x / rms(x) * weight}.
     *
     * @param inverseRms (N, 1), receives 1 / rms(x)
     */
    public void forward(Tensor out, Tensor inverseRms, Tensor x) {
        kernels.rmsNorm(out, inverseRms, x, weight.value(), epsilon);
    }

    /** Adds the gradient into {@code dX} and, where it is trainable, into the weight's. */
    void backwardAdding(Tensor dX, Tensor dOut, Tensor x, Tensor inverseRms) {
        Tensor dWeight = weight.gradient().orElseGet(() -> weight.value().columns(0, 0));
        kernels.rmsNormBackward(dX, dWeight, dOut, x, inverseRms, weight.value());
    }

    boolean trainable() {
        return weight.gradient().isPresent();
    }
}
