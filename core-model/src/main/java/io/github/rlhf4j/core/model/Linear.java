package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A linear layer, {@code y = x W^T + b}: the one place where an adapter hooks in. */
public final class Linear implements Projection {
    private final Kernels kernels;
    private final FusedParameter weight; // (outputs, inputs)
    private final @Nullable FusedParameter bias; // (1, outputs)

    Linear(Kernels kernels, FusedParameter weight, @Nullable FusedParameter bias) {
        this.kernels = kernels;
        this.weight = weight.forProducts();
        this.bias = bias;
    }

    static Linear of(Kernels kernels, ParameterStore store, String key) {
        String biasKey = key + ParameterLayout.BIAS;
        return new Linear(kernels, store.matrix(key), store.hasMatrix(biasKey) ? store.matrix(biasKey) : null);
    }

    /** W, (outputs, inputs). */
    public Tensor weight() {
        return weight.value();
    }

    /** b, (1, outputs). */
    public Optional<Tensor> bias() {
        return Optional.ofNullable(bias).map(FusedParameter::value);
    }

    @Override
    public void forward(Tensor out, Tensor x) {
        forward(out, x, 0);
    }

    @Override
    public void forwardAdding(Tensor out, Tensor x) {
        forward(out, x, 1);
    }

    private void forward(Tensor out, Tensor x, double beta) {
        Tensor transpose = weight.transpose();
        if (transpose == null) {
            kernels.matmul(out, x, false, weight.value(), true, 1, beta);
        } else {
            kernels.matmul(out, x, false, transpose, false, 1, beta);
        }
        if (bias != null) {
            kernels.addRow(out, bias.value());
        }
    }

    /** {@code dX = dOut W}. */
    void backwardInput(Tensor dX, Tensor dOut) {
        kernels.matmul(dX, dOut, false, weight.value(), false, 1, 0);
    }

    /** Adds the gradients of weight and bias, where they are trainable. */
    void backwardWeight(Tensor dOut, Tensor x) {
        weight.addGradient(kernels, dOut, x);
        Tensor dBias = bias == null ? null : bias.gradient(kernels).orElse(null);
        if (dBias != null) {
            kernels.addColumnSums(dBias, dOut);
        }
    }

    boolean trainable() {
        return weight.trainable() || (bias != null && bias.trainable());
    }
}
