package io.github.rlhf4j.server;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a request is answered with: a body, or a stream of events.
 *
 * @param status such as 200
 * @param headers beside Content-Type and those of the server; one of the same name replaces the server's
 * @param contentType of the body
 * @param body whole; empty where there are events
 * @param events what writes the stream, instead of a body
 */
@SuppressWarnings("ArrayRecordComponent") // identity is all that is asked of it
public record Answer(
        int status, Map<String, String> headers, String contentType, byte[] body, Optional<EventSource> events) {
    private static final String JSON = "application/json";

    public Answer {
        headers = new LinkedHashMap<>(headers);
    }

    /** Status 200 with a value as JSON: a record, a map, a JsonNode. */
    public static Answer json(Object value) {
        return json(200, value);
    }

    /** A value as JSON. */
    public static Answer json(int status, Object value) {
        return bytes(status, JSON, Json.bytes(value));
    }

    /** Status 200 with plain text. */
    public static Answer text(String text) {
        return text("text/plain; charset=utf-8", text);
    }

    /** Status 200 with a text of some type, in UTF-8. */
    public static Answer text(String contentType, String text) {
        return bytes(200, contentType, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Any bytes. */
    public static Answer bytes(int status, String contentType, byte[] body) {
        return new Answer(status, Map.of(), contentType, body, Optional.empty());
    }

    /** Status 204: done, and nothing to say. */
    public static Answer none() {
        return bytes(204, "", new byte[0]);
    }

    /** Server-sent events. */
    public static Answer events(EventSource source) {
        return new Answer(200, Map.of(), "text/event-stream", new byte[0], Optional.of(source));
    }

    /** With one more header. */
    public Answer with(String header, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(header, value);
        return new Answer(status, more, contentType, body, events);
    }
}
