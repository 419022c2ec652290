package io.github.rlhf4j.server;

/** Answers the requests of a route. Called by many threads at once; it may block. */
@FunctionalInterface
public interface Handler {
    /**
     * Answers one request.
     *
     * @throws HttpFailure for a status and a message
     * @throws io.github.rlhf4j.core.UserError for status 400 and its message
     * @throws Exception for status 500; the message goes to the log
     */
    Answer handle(Call call) throws Exception;
}
