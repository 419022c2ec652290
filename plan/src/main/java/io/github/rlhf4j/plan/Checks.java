package io.github.rlhf4j.plan;

import io.github.rlhf4j.core.UserError;

/** What options must be. */
final class Checks {
    private Checks() {}

    static void positive(String option, double value) {
        require(value > 0 && Double.isFinite(value), option + " must be finite and > 0, but is " + plain(value));
    }

    private static String plain(double value) {
        return String.valueOf(value).replaceFirst("\\.0$", "");
    }

    static void require(boolean holds, String message) {
        if (!holds) {
            throw new UserError(message);
        }
    }
}
