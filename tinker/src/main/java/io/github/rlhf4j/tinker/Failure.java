package io.github.rlhf4j.tinker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.server.Answer;
import io.github.rlhf4j.server.HttpFailure;
import java.util.Map;

/** What went wrong, in the forms that the SDK makes exceptions of. */
final class Failure {
    private Failure() {}

    /** The result of a request that failed: the SDK's RequestFailedError. */
    static Answer result(RuntimeException failure) {
        boolean isUsers = failure instanceof UserError || failure instanceof HttpFailure;
        String message =
                isUsers ? String.valueOf(failure.getMessage()) : "internal error; the server's messages say more";
        return Answer.json(Map.of("error", message, "category", isUsers ? "user" : "server"));
    }

    /** A request that is refused at once, as FastAPI writes it. */
    static JsonNode body(HttpFailure failure) {
        return JsonNodeFactory.instance.objectNode().put("detail", failure.message());
    }
}
