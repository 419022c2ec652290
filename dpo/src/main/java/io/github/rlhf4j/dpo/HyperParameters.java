package io.github.rlhf4j.dpo;

/** Ranges of what losses are made with. */
final class HyperParameters {
    private HyperParameters() {}

    /** {@code value}, which must be finite and > 0. */
    static double positive(String key, double value) {
        if (!(value > 0 && Double.isFinite(value))) {
            throw new IllegalArgumentException(key + " must be finite and > 0, but is " + value);
        }
        return value;
    }
}
