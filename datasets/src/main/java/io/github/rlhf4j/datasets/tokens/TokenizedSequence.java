package io.github.rlhf4j.datasets.tokens;

/**
 * A sequence to learn; the arrays belong to the record and are not to be changed.
 *
 * @param ids (T) tokens
 * @param isTarget (T) whether the loss counts the prediction of this token; never the first, which nothing predicts
 */
public record TokenizedSequence(int[] ids, boolean[] isTarget) {
    public TokenizedSequence {
        if (ids.length == 0 || ids.length != isTarget.length || isTarget[0]) {
            throw new IllegalArgumentException("ids and isTarget must have one length >= 1 and the first is no target");
        }
    }
}
