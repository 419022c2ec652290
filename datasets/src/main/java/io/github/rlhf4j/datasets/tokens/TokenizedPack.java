package io.github.rlhf4j.datasets.tokens;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Sequences to learn that are one example together, each apart from the others. The arrays are not to be changed.
 *
 * @param ids (N) tokens of all of them, end to end
 * @param isTarget (N) whether the loss counts the prediction of this token; never a sequence's first
 * @param starts (D) where each sequence begins in ids, ascending from 0
 */
public record TokenizedPack(int[] ids, boolean[] isTarget, int[] starts) {
    public TokenizedPack {
        if (starts.length == 0 || starts[0] != 0 || ids.length != isTarget.length) {
            throw new IllegalArgumentException(
                    "a pack must begin with a sequence, and ids and isTarget have one length");
        }
    }

    /** Sequences end to end. */
    static TokenizedPack of(List<TokenizedSequence> sequences) {
        int length =
                sequences.stream().mapToInt(sequence -> sequence.ids().length).sum();
        int[] ids = new int[length];
        boolean[] isTarget = new boolean[length];
        int[] starts = new int[sequences.size()];
        int at = 0;
        for (int i = 0; i < starts.length; i++) {
            TokenizedSequence sequence = sequences.get(i);
            starts[i] = at;
            System.arraycopy(sequence.ids(), 0, ids, at, sequence.ids().length);
            System.arraycopy(sequence.isTarget(), 0, isTarget, at, sequence.ids().length);
            at += sequence.ids().length;
        }
        return new TokenizedPack(ids, isTarget, starts);
    }

    /** The sequences. */
    public List<TokenizedSequence> sequences() {
        List<TokenizedSequence> sequences = new ArrayList<>();
        for (int i = 0; i < starts.length; i++) {
            int end = i + 1 < starts.length ? starts[i + 1] : ids.length;
            sequences.add(new TokenizedSequence(
                    Arrays.copyOfRange(ids, starts[i], end), Arrays.copyOfRange(isTarget, starts[i], end)));
        }
        return sequences;
    }
}
