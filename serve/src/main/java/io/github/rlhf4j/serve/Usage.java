package io.github.rlhf4j.serve;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Tokens of a request.
 *
 * @param prompt of its prompts, each counted once
 * @param completion of all samples, with the tokens that ended them
 */
record Usage(long prompt, long completion) {
    ObjectNode json() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("prompt_tokens", prompt)
                .put("completion_tokens", completion)
                .put("total_tokens", prompt + completion);
    }
}
