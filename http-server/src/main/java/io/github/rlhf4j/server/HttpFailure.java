package io.github.rlhf4j.server;

import java.util.LinkedHashMap;
import java.util.Map;

/** A request that is answered with an error. */
public class HttpFailure extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final int status;
    private final LinkedHashMap<String, String> headers = new LinkedHashMap<>();

    /**
     * An error.
     *
     * @param status such as 404
     * @param message for the caller
     */
    public HttpFailure(int status, String message) {
        super(message);
        this.status = status;
    }

    /** With a header, such as Retry-After. */
    public HttpFailure with(String header, String value) {
        headers.put(header, value);
        return this;
    }

    /** Such as 404. */
    public int status() {
        return status;
    }

    /** For the caller. */
    public String message() {
        return String.valueOf(getMessage());
    }

    Map<String, String> headers() {
        return headers;
    }
}
