package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.tensor.DataType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The memory of feed-forward parts: what each layer saves, and what all of them share. M counts rows, k the experts of a row (1 without experts). Owns its memory until {@link #close}. */
final class FeedForwardBuffers implements AutoCloseable {
    private final FeedForwardConfig config;
    private final DataType type;
    private final List<ActivationBuffer> buffers = new ArrayList<>();
    private final List<ExpertRoutes> allRoutes = new ArrayList<>();
    final ActivationBuffer inner; // (M k, F)
    final ActivationBuffer dInner; // (M k, F)
    final ActivationBuffer gathered; // (M k, C)
    final LoadBalancingLoss balance;
    final RouterCounts routers;

    /** What the backward pass of one layer needs. */
    static final class Saved {
        private final ActivationBuffer hidden;
        private final @Nullable ExpertRoutes routes;

        private Saved(ActivationBuffer hidden, @Nullable ExpertRoutes routes) {
            this.hidden = hidden;
            this.routes = routes;
        }

        /** The first product, (M k, 2 F), or (M, F) without a gate. */
        ActivationBuffer hidden() {
            return hidden;
        }

        /** With experts only. */
        ExpertRoutes routes() {
            if (routes == null) {
                throw new IllegalStateException("a layer without experts has no routes");
            }
            return routes;
        }
    }

    FeedForwardBuffers(ModelConfig model, DataType type) {
        this.config = model.feedForward();
        this.type = type;
        inner = buffer(config.intermediateSize());
        dInner = buffer(config.intermediateSize());
        gathered = buffer(model.hiddenSize());
        balance = new LoadBalancingLoss(config.experts());
        routers = new RouterCounts(model.layers(), config.experts());
    }

    /** The memory of one layer more. */
    Saved layer() {
        ExpertRoutes routes = config.experts() == 0 ? null : new ExpertRoutes(config, type);
        if (routes != null) {
            allRoutes.add(routes);
        }
        return new Saved(buffer(config.hiddenWidth()), routes);
    }

    private ActivationBuffer buffer(int columns) {
        ActivationBuffer buffer = new ActivationBuffer(type, columns);
        buffers.add(buffer);
        return buffer;
    }

    long bytes() {
        return buffers.stream().mapToLong(ActivationBuffer::bytes).sum()
                + allRoutes.stream().mapToLong(ExpertRoutes::bytes).sum();
    }

    @Override
    public void close() {
        buffers.forEach(ActivationBuffer::close);
        allRoutes.forEach(ExpertRoutes::close);
    }
}
