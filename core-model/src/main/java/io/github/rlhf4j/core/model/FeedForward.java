package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The feed-forward part of a layer, over normed rows. Its forward pass is in two halves, since the backward pass needs the first one's results only. */
interface FeedForward {
    static FeedForward of(ModelConfig config, LayerParameters parameters, Kernels kernels, int layer) {
        return switch (config.feedForward().kind()) {
            case SWIGLU -> new GatedFeedForward(parameters, kernels, layer);
            case GELU -> new GeluFeedForward(parameters, kernels, layer);
            case EXPERTS -> new MixtureOfExperts(config.feedForward(), parameters, kernels, layer);
        };
    }

    /** All products, for whoever computes them in another way. */
    List<Linear> linears();

    /** Says which rows of the batch the next calls compute with; null for all. */
    default void rowsAre(int @Nullable [] rows) {
        linears().forEach(linear -> linear.rowsAre(rows));
    }

    /**
     * The first half.
     *
     * @param x (M, C)
     * @param saved what {@link #finish} and {@link #backward} read
     */
    void begin(Tensor x, FeedForwardBuffers.Saved saved, FeedForwardBuffers scratch, Projection.Choice choice);

    /**
     * The second half.
     *
     * @param out (M, C), receives the result, or its sum with what was there
     */
    void finish(
            Tensor out,
            boolean add,
            FeedForwardBuffers.Saved saved,
            FeedForwardBuffers scratch,
            Projection.Choice choice);

    /**
     * Adds the gradients of the weights.
     *
     * @param dX (M, C), receives the gradient of {@code x}
     * @param dOut (M, C)
     * @param x (M, C), read where {@link #trainable}
     */
    void backward(Tensor dX, Tensor dOut, Tensor x, FeedForwardBuffers.Saved saved, FeedForwardBuffers scratch);

    default boolean trainable() {
        return linears().stream().anyMatch(Linear::trainable);
    }
}
