package io.github.rlhf4j.core.model;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The rows of a {@link PackedBatch} at which something is read: targets of the language head and rows of the scalar head, each once.
 *
 * @param targetIndices for each sequence, the index of each of its targets in {@code targetRows}
 * @param readIndices the same for reads
 * @param both the union of target and read rows
 */
@SuppressWarnings("ArrayRecordComponent")
record PackedPoints(
        int[] targetRows,
        int[] targetTokens,
        int[][] targetIndices,
        int[] readRows,
        int[][] readIndices,
        OutputRows onlyTargets,
        OutputRows onlyReads,
        OutputRows both) {

    static PackedPoints of(List<TokenSequence> sequences, PackedRows rows) {
        int[][] targetsBySequence = new int[sequences.size()][];
        int[][] readsBySequence = new int[sequences.size()][];
        int[] next = new int[rows.tokenIds().length]; // the token that each target row predicts
        for (int s = 0; s < sequences.size(); s++) {
            int sequence = s;
            TokenSequence tokens = sequences.get(s);
            targetsBySequence[s] = IntStream.of(tokens.targets())
                    .map(target -> rows.row(sequence, target - 1))
                    .toArray();
            readsBySequence[s] = IntStream.of(tokens.reads())
                    .map(read -> rows.row(sequence, read))
                    .toArray();
            for (int j = 0; j < tokens.targets().length; j++) {
                next[targetsBySequence[s][j]] = tokens.ids()[tokens.targets()[j]];
            }
        }
        int[] targetRows = distinct(targetsBySequence);
        int[] readRows = distinct(readsBySequence);
        return new PackedPoints(
                targetRows,
                IntStream.of(targetRows).map(row -> next[row]).toArray(),
                indices(targetsBySequence, targetRows),
                readRows,
                indices(readsBySequence, readRows),
                OutputRows.of(targetRows, new int[0]),
                OutputRows.of(new int[0], readRows),
                OutputRows.of(targetRows, readRows));
    }

    static int[] distinct(int[][] rows) {
        return Arrays.stream(rows)
                .flatMapToInt(IntStream::of)
                .sorted()
                .distinct()
                .toArray();
    }

    private static int[][] indices(int[][] rows, int[] among) {
        return Arrays.stream(rows).map(of -> indices(of, among)).toArray(int[][]::new);
    }

    static int[] indices(int[] rows, int[] among) {
        return IntStream.of(rows).map(row -> Arrays.binarySearch(among, row)).toArray();
    }
}
