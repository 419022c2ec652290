package io.github.rlhf4j.web;

import com.fasterxml.jackson.databind.JsonNode;

/** What answers requests, by their paths below {@code /api/}. A {@link io.github.rlhf4j.core.UserError} becomes status 400 with its message. */
public interface Routes {
    /** A question; nothing changes by it. */
    void get(String path, Answer answer);

    /** Something to do, with JSON. */
    void post(String path, Answer answer);

    /** Server-sent events, as long as somebody listens. */
    void events(String path, Events events);

    /** A page of its own, HTML with all that it needs: shown in a sandbox, so its scripts cannot ask this server. */
    void page(String path, Page page);

    /** Answers with HTML. */
    @FunctionalInterface
    interface Page {
        /** The whole page. */
        String of(WebRequest request);
    }

    /** Answers with JSON. */
    @FunctionalInterface
    interface Answer {
        /** The answer. */
        JsonNode of(WebRequest request);
    }

    /** Begins to send events. */
    @FunctionalInterface
    interface Events {
        /**
         * Begins; what is returned is closed when nobody listens any more.
         *
         * @param sink may be called from any thread
         */
        AutoCloseable begin(WebRequest request, Sink sink);
    }

    /** Where events go. */
    interface Sink {
        /** Sends one; after the end, nothing. */
        void send(String event, JsonNode data);

        /** Says that no more will come. */
        void end();
    }
}
