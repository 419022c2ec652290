package io.github.rlhf4j.datasets.tokens;

import java.util.Map;
import java.util.Optional;

/**
 * A prompt to answer; the array belongs to the record and is not to be changed.
 *
 * @param ids at least one token
 * @param columns the row's columns that were kept, for reward functions
 * @param text what the tokens were made of, where it was kept for models that read other tokens
 */
@SuppressWarnings("ArrayRecordComponent")
public record TokenizedPrompt(int[] ids, Map<String, Object> columns, Optional<PromptText> text) {
    public TokenizedPrompt {
        if (ids.length == 0) {
            throw new IllegalArgumentException("a prompt must have at least one token");
        }
    }

    /** Without its text. */
    public TokenizedPrompt(int[] ids, Map<String, Object> columns) {
        this(ids, columns, Optional.empty());
    }

    /** Without columns. */
    public TokenizedPrompt(int[] ids) {
        this(ids, Map.of());
    }
}
