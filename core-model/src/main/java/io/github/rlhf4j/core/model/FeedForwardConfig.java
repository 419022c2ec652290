package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.UserError;

/**
 * The feed-forward part of a layer.
 *
 * @param kind {@link Kind}
 * @param intermediateSize F, of one expert where there are experts
 * @param bias whether its products have biases
 * @param experts E, 0 for none
 * @param expertsPerToken k, how many of them a row goes to
 * @param routerLoss coefficient of the router's load-balancing loss in training, 0 for none
 */
public record FeedForwardConfig(
        Kind kind, int intermediateSize, boolean bias, int experts, int expertsPerToken, double routerLoss) {
    /** What is computed between the products. */
    public enum Kind {
        /** down(silu(gate(x)) * up(x)). */
        SWIGLU,
        /** down(gelu(up(x))). */
        GELU,
        /** SwiGLU experts, of which a router chooses some for each row. */
        EXPERTS
    }

    public FeedForwardConfig {
        ConfigValues.positive(intermediateSize, "intermediate_size");
        if (kind == Kind.EXPERTS && (expertsPerToken < 1 || expertsPerToken > experts)) {
            throw new UserError("num_experts_per_tok must be in [1, num_local_experts], but is " + expertsPerToken
                    + " of " + experts);
        }
        if (!(routerLoss >= 0)) {
            throw new UserError("router_aux_loss_coef must be >= 0, but is " + routerLoss);
        }
    }

    /** SwiGLU without biases. */
    public static FeedForwardConfig swiGlu(int intermediateSize) {
        return new FeedForwardConfig(Kind.SWIGLU, intermediateSize, false, 0, 0, 0);
    }

    /** GELU with biases. */
    public static FeedForwardConfig gelu(int intermediateSize) {
        return new FeedForwardConfig(Kind.GELU, intermediateSize, true, 0, 0, 0);
    }

    /** A mixture of experts. */
    public static FeedForwardConfig experts(int intermediateSize, int experts, int expertsPerToken, double routerLoss) {
        return new FeedForwardConfig(Kind.EXPERTS, intermediateSize, false, experts, expertsPerToken, routerLoss);
    }

    /** Width of the first product: gate and up side by side, where there is a gate. */
    public int hiddenWidth() {
        return kind == Kind.GELU ? intermediateSize : 2 * intermediateSize;
    }

    /** How many times a row is computed: by each of its experts. */
    public int copies() {
        return kind == Kind.EXPERTS ? expertsPerToken : 1;
    }
}
