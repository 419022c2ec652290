package io.github.rlhf4j.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** A request. */
public final class Call {
    private final String method;
    private final String path;
    private final Map<String, String> variables;
    private final Map<String, String> query;
    private final Map<String, String> headers;
    private final byte[] body;
    private final BooleanSupplier gone;

    /**
     * A request.
     *
     * @param path decoded, such as {@code /api/runs/first}
     * @param variables of the route's pattern
     * @param query the first value of each parameter
     * @param headers by their names in lower case
     * @param gone whether the client has closed its connection
     */
    Call(
            String method,
            String path,
            Map<String, String> variables,
            Map<String, String> query,
            Map<String, String> headers,
            byte[] body,
            BooleanSupplier gone) {
        this.method = method;
        this.path = path;
        this.variables = Map.copyOf(variables);
        this.query = Collections.unmodifiableMap(new LinkedHashMap<>(query));
        this.headers = Map.copyOf(headers);
        this.body = body;
        this.gone = gone;
    }

    /** The same, as its route and its body complete it. */
    Call with(Map<String, String> newVariables, byte[] newBody) {
        return new Call(method, path, newVariables, query, headers, newBody, gone);
    }

    /** GET, POST, ... */
    public String method() {
        return method;
    }

    /** Decoded. */
    public String path() {
        return path;
    }

    /** The part of the path that stands for {@code {name}} in the route's pattern. */
    public String variable(String name) {
        String value = variables.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the route has no {" + name + "}");
        }
        return value;
    }

    /** A parameter of the URL's query. */
    public Optional<String> query(String name) {
        return Optional.ofNullable(query.get(name));
    }

    /** All parameters of the URL's query. */
    public Map<String, String> queries() {
        return query;
    }

    /** A header, whatever the case of its name. */
    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
    }

    /** The body as it came; not to be written. */
    public byte[] body() {
        return body;
    }

    /** @throws HttpFailure 400 where the body is no JSON */
    public JsonNode json() {
        return Json.read(body);
    }

    /** Whether the client has closed its connection: nobody waits for the answer. Asks the system, so not in a tight loop. */
    public boolean isGone() {
        return gone.getAsBoolean();
    }
}
