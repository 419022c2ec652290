package io.github.rlhf4j.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;

/** How an error is written as JSON. */
@FunctionalInterface
public interface ErrorForm {
    /** {@code {"error": "message"}}. */
    ErrorForm PLAIN = failure -> JsonNodeFactory.instance.objectNode().put("error", failure.message());

    /** The body of an error's answer. */
    JsonNode body(HttpFailure failure);
}
