package io.github.rlhf4j.datasets.tokens;

/**
 * A response with its label; the arrays belong to the record and are not to be changed.
 *
 * @param promptIds at least one token
 * @param completionIds the response with its end token, at least one token
 * @param label true for a desirable response
 */
public record TokenizedUnpaired(int[] promptIds, int[] completionIds, boolean label) {
    public TokenizedUnpaired {
        if (promptIds.length == 0 || completionIds.length == 0) {
            throw new IllegalArgumentException("prompt and completion must have at least one token each");
        }
    }
}
