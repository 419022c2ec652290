package io.github.rlhf4j.server;

import java.io.IOException;

/** Writes a stream of server-sent events; the stream ends when it returns. */
@FunctionalInterface
public interface EventSource {
    /**
     * Writes until there is nothing more to say, or nobody listens.
     *
     * @throws IOException from {@code events}, when the client has gone
     */
    void run(EventSink events) throws IOException, InterruptedException;
}
