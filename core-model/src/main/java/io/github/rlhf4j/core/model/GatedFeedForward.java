package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.List;

/** {@code down(silu(gate(x)) * up(x))}, with gate and up in one product. */
final class GatedFeedForward implements FeedForward {
    private final Kernels kernels;
    private final Linear gateUp; // C -> 2 F
    private final Linear down; // F -> C

    GatedFeedForward(LayerParameters parameters, Kernels kernels, int layer) {
        this.kernels = kernels;
        gateUp = Linear.of(kernels, parameters, layer + ParameterLayout.HIDDEN);
        down = Linear.of(kernels, parameters, layer + ParameterLayout.DOWN);
    }

    @Override
    public List<Linear> linears() {
        return List.of(gateUp, down);
    }

    @Override
    public void begin(Tensor x, FeedForwardBuffers.Saved saved, FeedForwardBuffers scratch, Projection.Choice choice) {
        choice.of(gateUp).forward(saved.hidden().rows(x.rows()), x);
    }

    @Override
    public void finish(
            Tensor out,
            boolean add,
            FeedForwardBuffers.Saved saved,
            FeedForwardBuffers scratch,
            Projection.Choice choice) {
        Tensor inner = scratch.inner.rows(out.rows()); // (M, F)
        kernels.swiGlu(inner, saved.hidden().rows(out.rows()));
        if (add) {
            choice.of(down).forwardAdding(out, inner);
        } else {
            choice.of(down).forward(out, inner);
        }
    }

    @Override
    public void backward(Tensor dX, Tensor dOut, Tensor x, FeedForwardBuffers.Saved saved, FeedForwardBuffers scratch) {
        int rows = dOut.rows();
        Tensor gateUps = saved.hidden().rows(rows); // (M, 2 F)
        Tensor inner = scratch.inner.rows(rows); // (M, F): its gradient, then itself
        down.backwardInput(inner, dOut);
        Tensor dGateUp = gateUps; // (M, 2 F), read for the last time
        kernels.swiGluBackward(dGateUp, inner, gateUps);
        down.backwardWeight(dOut, inner);
        if (gateUp.trainable()) {
            gateUp.backwardWeight(dGateUp, x);
        }
        gateUp.backwardInput(dX, dGateUp);
    }
}
