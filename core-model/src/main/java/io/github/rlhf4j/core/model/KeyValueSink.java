package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.tensor.Tensor;

/** Receives each layer's queries, keys and values as a forward pass computes them: how a key-value cache is filled, and how attention is looked at. */
@FunctionalInterface
public interface KeyValueSink {
    /**
     * Called once a layer, in order, before attention.
     *
     * @param queryKeyValue (N, (H + 2 Hkv) D), rotated; valid during the call only
     */
    void accept(int layer, Tensor queryKeyValue);

    /**
     * Called once a layer, after attention.
     *
     * @param attention (N, H D), what the heads make of the values, before the output projection; valid during the call only
     */
    default void attended(int layer, Tensor attention) {}
}
