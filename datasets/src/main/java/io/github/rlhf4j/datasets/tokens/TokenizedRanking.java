package io.github.rlhf4j.datasets.tokens;

/**
 * A ranking of K responses; the arrays belong to the record and are not to be changed.
 *
 * @param promptIds at least one token, shared by all responses
 * @param responseIds (K, own length) the responses, each with its end token
 * @param ranks (K) 1 is the best, equal numbers are ties
 * @param margin how much more the better of two responses should score; 0 where nobody said
 */
public record TokenizedRanking(int[] promptIds, int[][] responseIds, int[] ranks, double margin) {
    public TokenizedRanking {
        if (promptIds.length == 0 || responseIds.length < 2 || responseIds.length != ranks.length) {
            throw new IllegalArgumentException("a ranking must have a prompt and one rank for each of >= 2 responses");
        }
    }
}
