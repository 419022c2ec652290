package io.github.rlhf4j.ranking;

import io.github.rlhf4j.core.UserError;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What people are asked for. */
public enum Mode {
    /** An order of K answers, with ties. */
    RANK,
    /** The better one of two answers, or a tie. */
    PAIR,
    /** An answer of their own, perhaps made of one that is there. */
    DEMONSTRATE;

    /** As in files: {@code rank}, {@code pair}, {@code demonstrate}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The mode that files call so. */
    public static Mode of(String text) {
        return Arrays.stream(values())
                .filter(mode -> mode.text().equals(text))
                .findFirst()
                .orElseThrow(() -> new UserError("mode must be one of "
                        + Arrays.stream(values()).map(Mode::text).collect(Collectors.joining(", ")) + ", but is "
                        + text));
    }
}
