package io.github.rlhf4j.core.stage;

/** A start-up self-check did not hold: the run stops with exit code 3. */
public final class SelfCheckFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public SelfCheckFailure(String message) {
        super(message);
    }
}
