package io.github.rlhf4j.datasets.tokens;

/**
 * An answer in steps with their labels; the arrays belong to the record and are not to be changed.
 *
 * @param promptIds at least one token
 * @param completionIds the steps, each with the tokens that end it
 * @param ends ascending indices into {@code completionIds}: the last token of each labelled step, at least one
 * @param labels (as many) whether the step is right
 */
public record TokenizedSteps(int[] promptIds, int[] completionIds, int[] ends, boolean[] labels) {
    public TokenizedSteps {
        if (promptIds.length == 0 || ends.length == 0 || ends.length != labels.length) {
            throw new IllegalArgumentException("there must be a prompt, and a label for each of >= 1 steps");
        }
    }
}
