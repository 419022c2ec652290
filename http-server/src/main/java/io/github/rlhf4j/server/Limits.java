package io.github.rlhf4j.server;

import java.time.Duration;

/**
 * How much a server takes.
 *
 * @param bodyBytes most bytes of a request's body
 * @param requests most requests that are answered at once, streams of events included; others wait
 * @param connections most connections
 * @param patience how long a client may take to send the next bytes, or to take them
 */
public record Limits(int bodyBytes, int requests, int connections, Duration patience) {
    /** 8 MiB, 64 requests, 512 connections, 30 seconds. */
    public static final Limits DEFAULT = new Limits(8 << 20, 64, 512, Duration.ofSeconds(30));

    public Limits {
        if (bodyBytes < 1 || requests < 1 || connections < 1 || patience.toMillis() < 1) {
            throw new IllegalArgumentException("limits of a server must be >= 1");
        }
    }
}
