package io.github.rlhf4j.plan;

import java.util.stream.Stream;

/** Low-rank adapters on every linear layer but the head, experts and routers included. */
final class Adapters {
    private Adapters() {}

    /** Weights of one of that rank. */
    static long weights(ModelShape model, long rank) {
        return model.layers().stream().mapToLong(layer -> ofLayer(layer, rank)).sum();
    }

    private static long ofLayer(LayerShape layer, long rank) {
        FeedForwardShape feedForward = layer.feedForward();
        long always = Stream.concat(layer.attention().products().stream(), feedForward.products().stream())
                .mapToLong(product -> product.adapterWeights(rank))
                .sum();
        long ofExpert = feedForward.ofExpert().stream()
                .mapToLong(product -> product.adapterWeights(rank))
                .sum();
        return always + feedForward.experts() * ofExpert;
    }
}
