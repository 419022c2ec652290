package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.Tensor;

/** The root-mean-square norm of the rows, or of each of a row's heads, with a weight a channel. Its statistics are 1 / rms(x). */
final class RmsNorm implements Norm {
    private final Kernels kernels;
    private final FusedParameter weight; // (1, C), or (1, D) for heads
    private final double epsilon;

    RmsNorm(Kernels kernels, FusedParameter weight, double epsilon) {
        this.kernels = kernels;
        this.weight = weight;
        this.epsilon = epsilon;
    }

    @Override
    public Tensor weight() {
        return weight.value();
    }

    @Override
    public void forward(Tensor out, Tensor inverseRms, Tensor x) {
        kernels.rmsNorm(out, inverseRms, x, weight.value(), epsilon);
    }

    @Override
    public void backwardAdding(Tensor dX, Tensor dOut, Tensor x, Tensor inverseRms) {
        kernels.rmsNormBackward(dX, weight.gradientOrEmpty(kernels), dOut, x, inverseRms, weight.value());
    }

    @Override
    public boolean trainable() {
        return weight.trainable();
    }
}
