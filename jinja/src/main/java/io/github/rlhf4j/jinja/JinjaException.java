package io.github.rlhf4j.jinja;

import org.jspecify.annotations.Nullable;

/** A template that cannot be parsed or rendered, or that refuses its input with {@code raise_exception}. */
public final class JinjaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean isPlaced;

    public JinjaException(String message) {
        this(message, null, false);
    }

    private JinjaException(String message, @Nullable Throwable cause, boolean isPlaced) {
        super(message, cause);
        this.isPlaced = isPlaced;
    }

    /** What the template itself says; it gets no line. */
    static JinjaException raised(String message) {
        return new JinjaException(message, null, true);
    }

    /** An operation that has no meaning for its values, as Java reports it. */
    static JinjaException of(RuntimeException e) {
        String what;
        if (e instanceof ClassCastException) {
            what = "a value is of another kind than this takes";
        } else if (e instanceof NumberFormatException) {
            what = "a text is no number, or a number is too large";
        } else if (e instanceof IndexOutOfBoundsException) {
            what = "an argument is missing";
        } else if (e instanceof ArithmeticException) {
            what = "a number is too large, or is divided by zero";
        } else {
            what = "this cannot be computed (" + e.getClass().getSimpleName() + ")";
        }
        return new JinjaException(what, e, false);
    }

    /** This with its line in front, unless it has one. */
    JinjaException at(int line) {
        return isPlaced
                ? this
                : new JinjaException(
                        "line " + line + ": " + getMessage(), getCause() == null ? this : getCause(), true);
    }
}
