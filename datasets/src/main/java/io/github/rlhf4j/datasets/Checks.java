package io.github.rlhf4j.datasets;

import java.util.OptionalDouble;

/** What every record checks about its parts. */
final class Checks {
    private Checks() {}

    static void notBlank(Content content, String name) {
        if (content.isBlank()) {
            throw new IllegalArgumentException(name + " must not be empty");
        }
    }

    /** A prompt and its responses are all plain text or all messages, so that one template renders a whole row. */
    static void sameForm(Content prompt, Content response, String name) {
        if (prompt.getClass() != response.getClass()) {
            throw new IllegalArgumentException("prompt and " + name + " must both be text or both be messages");
        }
    }

    static void finite(OptionalDouble value, String name) {
        if (!Double.isFinite(value.orElse(0))) {
            throw new IllegalArgumentException(name + " must be finite, but is " + value.getAsDouble());
        }
    }
}
