package io.github.rlhf4j.core.model;

/**
 * The norms in front of attention, of the feed-forward part and of the heads.
 *
 * @param kind which
 * @param epsilon inside the root
 */
public record NormConfig(Kind kind, double epsilon) {
    /** What is divided by what. */
    public enum Kind {
        /** x / rms(x), with a weight. */
        RMS,
        /** (x - mean) / standard deviation, with a weight and a bias. */
        LAYER
    }

    public NormConfig {
        ConfigValues.positive(epsilon, kind == Kind.RMS ? "rms_norm_eps" : "layer_norm_epsilon");
    }

    /** Numbers that the backward pass needs of each row. */
    int statistics() {
        return kind == Kind.RMS ? 1 : 2;
    }
}
