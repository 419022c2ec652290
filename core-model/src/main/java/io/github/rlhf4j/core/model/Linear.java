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
    private final int from; // the first output
    private final int to;

    Linear(Kernels kernels, FusedParameter weight, @Nullable FusedParameter bias) {
        this(kernels, weight.forProducts(), bias, 0, weight.matrix().rows());
    }

    private Linear(Kernels kernels, FusedParameter weight, @Nullable FusedParameter bias, int from, int to) {
        this.kernels = kernels;
        this.weight = weight;
        this.bias = bias;
        this.from = from;
        this.to = to;
    }

    static Linear of(Kernels kernels, ParameterStore store, String key) {
        String biasKey = key + ParameterLayout.BIAS;
        return new Linear(kernels, store.matrix(key), store.hasMatrix(biasKey) ? store.matrix(biasKey) : null);
    }

    /** The outputs {@code first .. end - 1} of this layer as a layer: the same rows of the same weight. */
    Linear outputs(int first, int end) {
        return new Linear(kernels, weight, bias, from + first, from + end);
    }

    private boolean isWhole() {
        return to - from == weight.matrix().rows();
    }

    /** This layer's columns of something that has one for each row of the weight. */
    private Tensor columns(Tensor of) {
        return isWhole() ? of : of.columns(from, to);
    }

    /** W, (outputs, inputs). */
    public Tensor weight() {
        return isWhole() ? weight.value() : weight.value().rows(from, to);
    }

    /** b, (1, outputs). */
    public Optional<Tensor> bias() {
        return Optional.ofNullable(bias).map(FusedParameter::value).map(this::columns);
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
            kernels.matmul(out, x, false, weight(), true, 1, beta);
        } else {
            kernels.matmul(out, x, false, columns(transpose), false, 1, beta);
        }
        if (bias != null) {
            kernels.addRow(out, columns(bias.value()));
        }
    }

    /** {@code dX = dOut W}. */
    void backwardInput(Tensor dX, Tensor dOut) {
        kernels.matmul(dX, dOut, false, weight(), false, 1, 0);
    }

    /** Adds the gradients of weight and bias, where they are trainable. */
    void backwardWeight(Tensor dOut, Tensor x) {
        weight.addGradient(kernels, from, dOut, x);
        Tensor dBias = bias == null ? null : bias.gradient(kernels).orElse(null);
        if (dBias != null) {
            kernels.addColumnSums(columns(dBias), dOut);
        }
    }

    boolean trainable() {
        return weight.trainable() || (bias != null && bias.trainable());
    }
}
