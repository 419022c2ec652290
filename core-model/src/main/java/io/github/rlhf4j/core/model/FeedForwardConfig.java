package io.github.rlhf4j.core.model;

/**
 * The feed-forward part of a layer.
 *
 * @param kind {@link Kind}
 * @param intermediateSize F
 * @param bias whether its products have biases
 */
public record FeedForwardConfig(Kind kind, int intermediateSize, boolean bias) {
    /** What is computed between the products. */
    public enum Kind {
        /** down(silu(gate(x)) * up(x)). */
        SWIGLU
    }

    public FeedForwardConfig {
        ConfigValues.positive(intermediateSize, "intermediate_size");
    }

    /** SwiGLU without biases. */
    public static FeedForwardConfig swiGlu(int intermediateSize) {
        return new FeedForwardConfig(Kind.SWIGLU, intermediateSize, false);
    }
}
