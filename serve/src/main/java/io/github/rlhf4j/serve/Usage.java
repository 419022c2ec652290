package io.github.rlhf4j.serve;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Tokens of a request.
 *
 * @param prompt of its prompts, each counted once
 * @param completion of all samples, with the tokens that ended them
 * @param cached of the prompts, those that earlier requests had computed
 */
record Usage(long prompt, long completion, long cached) {
    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("prompt_tokens", prompt)
                .put("completion_tokens", completion)
                .put("total_tokens", prompt + completion);
        json.putObject("prompt_tokens_details").put("cached_tokens", cached);
        return json;
    }
}
