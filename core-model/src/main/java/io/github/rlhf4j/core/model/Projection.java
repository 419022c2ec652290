package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.tensor.Tensor;

/** A linear layer as it is computed: in training by itself, in generation from packed weights. */
interface Projection {
    /** {@code out = x W^T + b}. */
    void forward(Tensor out, Tensor x);

    /** {@code out += x W^T + b}. */
    void forwardAdding(Tensor out, Tensor x);

    /** How each layer is computed. */
    @FunctionalInterface
    interface Choice {
        /** By the layers themselves. */
        Choice TRAINING = linear -> linear;

        Projection of(Linear linear);
    }
}
