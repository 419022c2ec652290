package io.github.rlhf4j.testing;

import java.time.Duration;
import java.util.Optional;

/**
 * What a {@link FaultyServer} does to a request instead of answering it well.
 *
 * @param status of the answer
 * @param retryAfter the header of that name; empty: none
 * @param delay before the answer
 * @param body in the place of the good answer's
 * @param isCut whether the connection is closed in the middle of the body
 */
public record Fault(int status, String retryAfter, Duration delay, Optional<String> body, boolean isCut) {
    private static final int FINE = 200;

    /** A good answer. */
    public static final Fault NONE = new Fault(FINE, "", Duration.ZERO, Optional.empty(), false);

    /** An error such as 500. */
    public static Fault status(int status) {
        return new Fault(status, "", Duration.ZERO, Optional.of("{\"error\": \"status " + status + "\"}"), false);
    }

    /** An error with the header Retry-After: seconds or a date. */
    public static Fault status(int status, String retryAfter) {
        return new Fault(status, retryAfter, Duration.ZERO, Optional.of("{\"error\": \"later\"}"), false);
    }

    /** A good answer after a while. */
    public static Fault slow(Duration delay) {
        return new Fault(FINE, "", delay, Optional.empty(), false);
    }

    /** A good answer of which half comes. */
    public static Fault cut() {
        return new Fault(FINE, "", Duration.ZERO, Optional.empty(), true);
    }

    /** Another answer than the good one: no JSON, or a wrong count. */
    public static Fault body(String body) {
        return new Fault(FINE, "", Duration.ZERO, Optional.of(body), false);
    }
}
