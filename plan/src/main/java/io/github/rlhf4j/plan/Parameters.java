package io.github.rlhf4j.plan;

import java.util.function.ToLongFunction;

/**
 * Weights by part; they sum to the total.
 *
 * @param embedding of tokens and positions; a tied head counts here
 * @param attention without norms
 * @param mlp the feed-forward part without routed experts: routers and shared experts are here
 * @param experts those that a router chooses from
 * @param norms all of them
 * @param head what is not tied to the embedding
 * @param active what one token meets: all but the experts that it does not go to
 */
public record Parameters(long embedding, long attention, long mlp, long experts, long norms, long head, long active) {
    static Parameters of(ModelShape model) {
        long idle = sum(model, layer -> {
            FeedForwardShape part = layer.feedForward();
            return (part.experts() - part.expertsPerToken()) * part.expertWeights();
        });
        Parameters all = new Parameters(
                model.embedding(),
                sum(
                        model,
                        layer -> layer.attention().matrixWeights()
                                + layer.attention().biases()),
                sum(
                        model,
                        layer -> layer.feedForward().matrixWeights()
                                + layer.feedForward().biases()),
                sum(
                        model,
                        layer -> layer.feedForward().experts()
                                * layer.feedForward().expertWeights()),
                model.norms() + sum(model, LayerShape::norms),
                model.head(),
                0);
        return new Parameters(
                all.embedding, all.attention, all.mlp, all.experts, all.norms, all.head, all.total() - idle);
    }

    private static long sum(ModelShape model, ToLongFunction<LayerShape> part) {
        return model.layers().stream().mapToLong(part).sum();
    }

    /** All of them. */
    public long total() {
        return embedding + attention + mlp + experts + norms + head;
    }
}
