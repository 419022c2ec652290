package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.UserError;

/** Checks of values that come from config.json or a run file, named by their key. */
final class ConfigValues {
    private ConfigValues() {}

    static void positive(int value, String key) {
        if (value <= 0) {
            throw new UserError(key + " must be >= 1, but is " + value);
        }
    }

    static void positive(double value, String key) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new UserError(key + " must be finite and > 0, but is " + value);
        }
    }
}
