package io.github.rlhf4j.core.model;

/** How a model knows the position of a token. */
public sealed interface Positions {
    /** The tokens that a sequence may have. */
    default int context(int maxPositionEmbeddings) {
        return maxPositionEmbeddings;
    }

    /** A learned vector a position, added to the embedding. */
    record Learned() implements Positions {}

    /**
     * Rotated queries and keys (RoPE), Hugging Face's half-split form.
     *
     * @param theta base of the frequencies
     * @param scaling stretches them for long contexts
     */
    record Rotary(double theta, RotaryScaling scaling) implements Positions {
        public Rotary {
            ConfigValues.positive(theta, "rope_theta");
        }

        @Override
        public int context(int maxPositionEmbeddings) {
            return scaling.context(maxPositionEmbeddings);
        }
    }
}
