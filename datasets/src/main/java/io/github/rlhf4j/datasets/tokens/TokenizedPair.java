package io.github.rlhf4j.datasets.tokens;

/**
 * A preference pair; the arrays belong to the record and are not to be changed.
 *
 * @param promptIds at least one token
 * @param chosenIds the preferred response with its end token, at least one token
 * @param rejectedIds the other, likewise
 */
public record TokenizedPair(int[] promptIds, int[] chosenIds, int[] rejectedIds) {
    public TokenizedPair {
        if (promptIds.length == 0 || chosenIds.length == 0 || rejectedIds.length == 0) {
            throw new IllegalArgumentException("prompt and responses must have at least one token each");
        }
    }
}
