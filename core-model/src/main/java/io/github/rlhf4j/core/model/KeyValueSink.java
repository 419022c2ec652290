package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.tensor.Tensor;

/** Receives each layer's queries, keys and values as a forward pass computes them: how a key-value cache is filled. */
@FunctionalInterface
public interface KeyValueSink {
    /**
     * Called once a layer, in order, before attention.
     *
     * @param queryKeyValue (N, (H + 2 Hkv) D), rotated; valid during the call only
     */
    void accept(int layer, Tensor queryKeyValue);
}
