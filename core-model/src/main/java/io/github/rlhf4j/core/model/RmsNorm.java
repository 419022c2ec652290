package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.Tensor;

/** The root-mean-square norm of the rows, or of each of a row's heads, with a weight a channel. Its statistics are 1 / rms(x). */
final class RmsNorm implements Norm {
    private final Kernels kernels;
    private final LayerParameter weight; // (1, C), or (1, D) for heads
    private final double epsilon;

    RmsNorm(Kernels kernels, LayerParameter weight, double epsilon) {
        this.kernels = kernels;
        this.weight = weight;
        this.epsilon = epsilon;
    }

    @Override
    public Tensor weight() {
        return weight.now().value();
    }

    @Override
    public void forward(Tensor out, Tensor inverseRms, Tensor x) {
        kernels.rmsNorm(out, inverseRms, x, weight.now().value(), epsilon);
    }

    @Override
    public void backwardAdding(Tensor dX, Tensor dOut, Tensor x, Tensor inverseRms) {
        kernels.rmsNormBackward(
                dX,
                weight.now().gradientOrEmpty(kernels),
                dOut,
                x,
                inverseRms,
                weight.now().value());
    }

    @Override
    public boolean trainable() {
        return weight.now().trainable();
    }
}
