package io.github.rlhf4j.filter;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** A value that is given, or else a preset's. */
final class Given {
    private Given() {}

    static OptionalInt or(OptionalInt given, OptionalInt preset) {
        return given.isPresent() ? given : preset;
    }

    static OptionalDouble or(OptionalDouble given, OptionalDouble preset) {
        return given.isPresent() ? given : preset;
    }

    static <T> Optional<T> or(Optional<T> given, Optional<T> preset) {
        return given.or(() -> preset);
    }
}
