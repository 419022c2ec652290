package io.github.rlhf4j.core.model;

import java.io.Serializable;
import java.util.stream.IntStream;

/**
 * One sequence of tokens as an objective sees it.
 *
 * @param ids all token ids, BOS and end token included; at least one
 * @param targets ascending indices >= 1 into {@code ids} of the tokens whose log-probability is wanted; token i is predicted from row i - 1
 * @param scalarRows ascending indices into {@code ids} of the rows where a scalar head is read (the value of token t: t - 1; a reward: the end token's own index)
 * @param targetIds the tokens whose log-probability is wanted at the targets; empty: those of {@code ids}. A sequence with others must share rows with none
 */
@SuppressWarnings("ArrayRecordComponent") // identity is all that is asked of it
public record TokenSequence(int[] ids, int[] targets, int[] scalarRows, int[] targetIds) implements Serializable {
    private static final int[] NONE = {};

    public TokenSequence {
        if (ids.length == 0) {
            throw new IllegalArgumentException("a sequence needs at least one token");
        }
        checkAscending(targets, 1, ids.length, "target");
        checkAscending(scalarRows, 0, ids.length, "scalar row");
        if (targetIds.length != 0 && targetIds.length != targets.length) {
            throw new IllegalArgumentException(targetIds.length + " tokens for " + targets.length + " targets");
        }
    }

    /** A sequence whose targets are its own tokens. */
    public TokenSequence(int[] ids, int[] targets, int[] scalarRows) {
        this(ids, targets, scalarRows, NONE);
    }

    /** The same with other tokens at the targets than its own. */
    public TokenSequence withTargetIds(int[] tokens) {
        return new TokenSequence(ids, targets, scalarRows, tokens);
    }

    /** The token whose log-probability is wanted at the {@code j}-th target. */
    int targetId(int j) {
        return targetIds.length == 0 ? ids[targets[j]] : targetIds[j];
    }

    /** The tokens from {@code promptLength} on are targets (all but the first where that is 0). */
    public static TokenSequence completion(int[] ids, int promptLength) {
        return new TokenSequence(
                ids, IntStream.range(Math.max(promptLength, 1), ids.length).toArray(), NONE);
    }

    /** Every token but the first is a target. */
    public static TokenSequence all(int[] ids) {
        return completion(ids, 1);
    }

    /** No targets; the scalar head is read at the last token: what a reward model scores. */
    public static TokenSequence scoredAtEnd(int[] ids) {
        return new TokenSequence(ids, NONE, new int[] {ids.length - 1});
    }

    /** The same with the scalar head read at the rows that predict the targets: what a value model sees. */
    public TokenSequence withValuesOfTargets() {
        return new TokenSequence(
                ids, targets, IntStream.of(targets).map(target -> target - 1).toArray(), targetIds);
    }

    /** Tokens. */
    public int length() {
        return ids.length;
    }

    /** Rows that must be computed: those after the last target or scalar row feed nothing. All, where there is neither. */
    int neededRows() {
        int afterTarget = targets.length == 0 ? 0 : targets[targets.length - 1];
        int afterScalar = scalarRows.length == 0 ? 0 : scalarRows[scalarRows.length - 1] + 1;
        int needed = Math.max(afterTarget, afterScalar);
        return needed == 0 ? ids.length : needed;
    }

    private static void checkAscending(int[] indices, int from, int to, String what) {
        int least = from;
        for (int index : indices) {
            if (index < least || index >= to) {
                throw new IllegalArgumentException(
                        what + " " + index + " of a sequence of " + to + " tokens is out of range or not ascending");
            }
            least = index + 1;
        }
    }
}
