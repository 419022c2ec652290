package io.github.rlhf4j.core.model;

import java.util.List;

/**
 * The rows of a {@link PackedBatch} at which something is read: targets of the language head and rows of the scalar head, each once.
 *
 * @param targetIndices for each sequence, the index of each of its targets in {@code targetRows}
 * @param scalarIndices the same for scalar rows
 */
@SuppressWarnings("ArrayRecordComponent")
record PackedPoints(
        int[] targetRows, int[] targetTokens, int[][] targetIndices, int[] scalarRows, int[][] scalarIndices) {

    static PackedPoints of(List<TokenSequence> sequences, PackedRows rows) {
        int count = rows.tokenIds().length;
        int[][] targetsBySequence = new int[sequences.size()][];
        int[][] scalarRowsBySequence = new int[sequences.size()][];
        int[] next = new int[count]; // the token that each target row predicts
        for (int s = 0; s < sequences.size(); s++) {
            TokenSequence tokens = sequences.get(s);
            targetsBySequence[s] = rows(tokens.targets(), -1, s, rows);
            scalarRowsBySequence[s] = rows(tokens.scalarRows(), 0, s, rows);
            for (int j = 0; j < tokens.targets().length; j++) {
                next[targetsBySequence[s][j]] = tokens.targetId(j);
            }
        }
        RowSet targets = RowSet.of(count, targetsBySequence);
        RowSet scalars = RowSet.of(count, scalarRowsBySequence);
        int[] targetTokens = new int[targets.rows().length];
        for (int j = 0; j < targetTokens.length; j++) {
            targetTokens[j] = next[targets.rows()[j]];
        }
        return new PackedPoints(
                targets.rows(),
                targetTokens,
                indices(targets, targetsBySequence),
                scalars.rows(),
                indices(scalars, scalarRowsBySequence));
    }

    /** The row of each token of a sequence, moved by {@code shift}. */
    private static int[] rows(int[] tokens, int shift, int sequence, PackedRows rows) {
        int[] found = new int[tokens.length];
        for (int i = 0; i < tokens.length; i++) {
            found[i] = rows.row(sequence, tokens[i] + shift);
        }
        return found;
    }

    private static int[][] indices(RowSet among, int[][] bySequence) {
        int[][] indices = new int[bySequence.length][];
        for (int s = 0; s < bySequence.length; s++) {
            indices[s] = among.indices(bySequence[s]);
        }
        return indices;
    }
}
