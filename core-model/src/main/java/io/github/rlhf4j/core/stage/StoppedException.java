package io.github.rlhf4j.core.stage;

/** A run was stopped on request, in a state that it can be resumed from. */
public final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StoppedException(String message) {
        super(message);
    }
}
