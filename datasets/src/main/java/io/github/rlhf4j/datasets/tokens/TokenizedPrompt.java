package io.github.rlhf4j.datasets.tokens;

import java.util.Map;

/**
 * A prompt to answer; the array belongs to the record and is not to be changed.
 *
 * @param ids at least one token
 * @param columns the row's columns that were kept, for reward functions
 */
@SuppressWarnings("ArrayRecordComponent")
public record TokenizedPrompt(int[] ids, Map<String, Object> columns) {
    public TokenizedPrompt {
        if (ids.length == 0) {
            throw new IllegalArgumentException("a prompt must have at least one token");
        }
    }

    /** Without columns. */
    public TokenizedPrompt(int[] ids) {
        this(ids, Map.of());
    }
}
