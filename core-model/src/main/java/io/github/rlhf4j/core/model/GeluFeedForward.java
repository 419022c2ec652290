package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.List;

/** {@code down(gelu(up(x)))}. */
final class GeluFeedForward implements FeedForward {
    private final Kernels kernels;
    private final Linear up; // C -> F
    private final Linear down; // F -> C

    GeluFeedForward(LayerParameters parameters, Kernels kernels, int layer) {
        this.kernels = kernels;
        up = Linear.of(kernels, parameters, layer + ParameterLayout.HIDDEN);
        down = Linear.of(kernels, parameters, layer + ParameterLayout.DOWN);
    }

    @Override
    public List<Linear> linears() {
        return List.of(up, down);
    }

    @Override
    public void begin(Tensor x, FeedForwardBuffers.Saved saved, FeedForwardBuffers scratch, Projection.Choice choice) {
        choice.of(up).forward(saved.hidden().rows(x.rows()), x);
    }

    @Override
    public void finish(
            Tensor out,
            boolean add,
            FeedForwardBuffers.Saved saved,
            FeedForwardBuffers scratch,
            Projection.Choice choice) {
        Tensor inner = scratch.inner.rows(out.rows()); // (M, F)
        kernels.gelu(inner, saved.hidden().rows(out.rows()));
        if (add) {
            choice.of(down).forwardAdding(out, inner);
        } else {
            choice.of(down).forward(out, inner);
        }
    }

    @Override
    public void backward(Tensor dX, Tensor dOut, Tensor x, FeedForwardBuffers.Saved saved, FeedForwardBuffers scratch) {
        Tensor hidden = saved.hidden().rows(dOut.rows()); // (M, F)
        Tensor inner = scratch.inner.rows(dOut.rows()); // (M, F), then the gradient of hidden
        if (down.trainable()) {
            kernels.gelu(inner, hidden);
            down.backwardWeight(dOut, inner);
        }
        down.backwardInput(inner, dOut);
        kernels.geluBackward(inner, hidden);
        if (up.trainable()) {
            up.backwardWeight(inner, x);
        }
        up.backwardInput(dX, inner);
    }
}
