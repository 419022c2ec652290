package io.github.rlhf4j.datasets.jinja;

/** A template that cannot be parsed or rendered, or that refuses its input with {@code raise_exception}. */
public final class JinjaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public JinjaException(String message) {
        super(message);
    }
}
