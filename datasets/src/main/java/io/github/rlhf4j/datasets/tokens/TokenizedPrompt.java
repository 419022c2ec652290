package io.github.rlhf4j.datasets.tokens;

/**
 * A prompt to answer; the array belongs to the record and is not to be changed.
 *
 * @param ids at least one token
 */
public record TokenizedPrompt(int[] ids) {
    public TokenizedPrompt {
        if (ids.length == 0) {
            throw new IllegalArgumentException("a prompt must have at least one token");
        }
    }
}
