package io.github.rlhf4j.http;

import java.time.Duration;

/**
 * How patiently a server is asked.
 *
 * @param timeout of one attempt, from the connection to the answer's last byte
 * @param attempts of one question at most, >= 1
 * @param parallel questions that are under way at once, >= 1
 * @param pause before the second attempt; each further one waits twice as long, up to {@link #LONGEST_PAUSE}
 */
public record HttpSettings(Duration timeout, int attempts, int parallel, Duration pause) {
    /** A minute, 5 attempts, 8 at once, half a second. */
    public static final HttpSettings DEFAULT = new HttpSettings(Duration.ofMinutes(1), 5, 8, Duration.ofMillis(500));

    /** What is waited for at most between two attempts, also where the server asks for more (Retry-After). */
    public static final Duration LONGEST_PAUSE = Duration.ofMinutes(2);

    public HttpSettings {
        if (timeout.isNegative() || timeout.isZero() || attempts < 1 || parallel < 1 || pause.isNegative()) {
            throw new IllegalArgumentException(
                    "timeout " + timeout + ", attempts " + attempts + ", parallel " + parallel + ", pause " + pause);
        }
    }

    /** With another timeout. */
    public HttpSettings withTimeout(Duration other) {
        return new HttpSettings(other, attempts, parallel, pause);
    }

    /** With another limit on what is under way at once. */
    public HttpSettings withParallel(int other) {
        return new HttpSettings(timeout, attempts, other, pause);
    }

    /** With another pause before the second attempt. */
    public HttpSettings withPause(Duration other) {
        return new HttpSettings(timeout, attempts, parallel, other);
    }

    /** With another number of attempts. */
    public HttpSettings withAttempts(int other) {
        return new HttpSettings(timeout, other, parallel, pause);
    }

    /** What is waited for after so many attempts. */
    Duration pauseAfter(int made) {
        Duration wait = pause.multipliedBy(1L << Math.min(made - 1, 20));
        return wait.compareTo(LONGEST_PAUSE) < 0 ? wait : LONGEST_PAUSE;
    }
}
