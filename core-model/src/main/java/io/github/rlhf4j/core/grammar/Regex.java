package io.github.rlhf4j.core.grammar;

import java.util.ArrayList;
import java.util.List;

/** A regular expression over characters. */
sealed interface Regex {
    /** Nothing of a text: the empty word. */
    Regex EMPTY = new Sequence(List.of());

    /** Any text at all. */
    Regex ANYTHING = new Repeat(new One(CodePoints.ALL), 0, Repeat.UNBOUNDED);

    /** One character of a set. */
    record One(CodePoints of) implements Regex {}

    /** One after the other. */
    record Sequence(List<Regex> parts) implements Regex {}

    /** One of several. */
    record Either(List<Regex> options) implements Regex {}

    /** So many times; {@code most} may be {@link #UNBOUNDED}. */
    record Repeat(Regex part, int least, int most) implements Regex {
        static final int UNBOUNDED = -1;
    }

    /** The beginning of the text, or its end. */
    record Edge(boolean isEnd) implements Regex {}

    /** A text as it is. */
    static Regex text(String text) {
        List<Regex> parts = new ArrayList<>();
        text.codePoints().forEach(c -> parts.add(new One(CodePoints.of(c))));
        return new Sequence(parts);
    }

    static Regex sequence(Regex... parts) {
        return new Sequence(List.of(parts));
    }

    static Regex either(Regex... options) {
        return new Either(List.of(options));
    }

    static Regex optional(Regex part) {
        return new Repeat(part, 0, 1);
    }

    /** Somewhere in a text, as JSON Schema's patterns are meant. */
    static Regex within(Regex pattern) {
        return sequence(ANYTHING, pattern, ANYTHING);
    }
}
