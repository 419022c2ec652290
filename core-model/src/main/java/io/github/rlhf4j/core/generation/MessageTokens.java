package io.github.rlhf4j.core.generation;

import com.fasterxml.jackson.databind.JsonNode;

/** Turns the {@code messages} of a line into tokens; where the chat template is known, which is not here. */
@FunctionalInterface
public interface MessageTokens {
    /**
     * Tokens of a whole conversation by the model's template, no generation prompt.
     *
     * @param messages the array as it stands in the line
     * @throws io.github.rlhf4j.core.UserError where the messages are not well-formed or the model has no template; without the file and line, which the caller adds
     */
    int[] encode(JsonNode messages);
}
