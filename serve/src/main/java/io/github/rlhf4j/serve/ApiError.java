package io.github.rlhf4j.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.server.HttpFailure;

/** A refusal in OpenAI's form: {@code {"error": {"message", "type", "param", "code"}}}. */
final class ApiError extends HttpFailure {
    private static final long serialVersionUID = 1;
    private final String param;
    private final String code;

    /**
     * A refusal.
     *
     * @param param the field that is wrong; empty for none
     * @param code OpenAI's word for it; empty for none
     */
    ApiError(int status, String message, String param, String code) {
        super(status, message);
        this.param = param;
        this.code = code;
    }

    /** A field that is wrong. */
    static ApiError of(String param, String message) {
        return new ApiError(400, param + " " + message, param, "");
    }

    /** Any failure in OpenAI's form. */
    static JsonNode body(HttpFailure failure) {
        String param = failure instanceof ApiError error ? error.param : "";
        String code = failure instanceof ApiError error ? error.code : failure.status() == 401 ? "invalid_api_key" : "";
        ObjectNode error = JsonNodeFactory.instance.objectNode();
        error.put("message", failure.message()).put("type", type(failure.status()));
        error.put("param", param.isEmpty() ? null : param);
        error.put("code", code.isEmpty() ? null : code);
        return JsonNodeFactory.instance.objectNode().set("error", error);
    }

    private static String type(int status) {
        return switch (status) {
            case 401 -> "authentication_error";
            case 403 -> "permission_error";
            case 429 -> "rate_limit_error";
            default -> status >= 500 ? "server_error" : "invalid_request_error";
        };
    }
}
