package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.Tensor;

/** The layer norm of the rows, with a weight and a bias a channel. Its statistics are mean and inverse standard deviation. */
final class LayerNorm implements Norm {
    private final Kernels kernels;
    private final LayerParameter weight; // (1, C)
    private final LayerParameter bias; // (1, C)
    private final double epsilon;

    LayerNorm(Kernels kernels, LayerParameter weight, LayerParameter bias, double epsilon) {
        this.kernels = kernels;
        this.weight = weight;
        this.bias = bias;
        this.epsilon = epsilon;
    }

    @Override
    public Tensor weight() {
        return weight.now().value();
    }

    @Override
    public void forward(Tensor out, Tensor statistics, Tensor x) {
        kernels.layerNorm(out, statistics, x, weight.now().value(), bias.now().value(), epsilon);
    }

    @Override
    public void backwardAdding(Tensor dX, Tensor dOut, Tensor x, Tensor statistics) {
        kernels.layerNormBackward(
                dX,
                weight.now().gradientOrEmpty(kernels),
                bias.now().gradientOrEmpty(kernels),
                dOut,
                x,
                statistics,
                weight.now().value());
    }

    @Override
    public boolean trainable() {
        return weight.now().trainable() || bias.now().trainable();
    }
}
