package io.github.rlhf4j.core;

import org.jspecify.annotations.Nullable;

/**
 * A mistake in what the user gave: one clear line that names the file, line or key, says what is wrong and what to do next.
 *
 * <p>The command line prints the message alone, without a stack trace, and exits with code 2.
 */
public class UserError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UserError(String message) {
        super(message);
    }

    public UserError(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
