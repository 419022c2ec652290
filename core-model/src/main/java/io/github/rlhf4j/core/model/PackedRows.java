package io.github.rlhf4j.core.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The rows of a {@link PackedBatch} and the segments they form.
 *
 * @param sequenceSegment each sequence's own segment
 * @param sequenceShared how many of each sequence's first tokens lie in the parent segment
 * @param segmentNumber number, in the optimiser step, of each segment's first sequence
 * @param segmentLongest tokens of the longest sequence that a segment's tree holds
 */
@SuppressWarnings("ArrayRecordComponent")
record PackedRows(
        int[] tokenIds,
        int[] positions,
        int[] segmentStart,
        int[] segmentLength,
        int[] segmentParent,
        int[] segmentNumber,
        int[] segmentLongest,
        int[] treeStart,
        int[] sequenceSegment,
        int[] sequenceShared) {

    static PackedRows of(List<List<TokenSequence>> groups, int[] sequenceNumbers, boolean whole) {
        Builder builder = new Builder(groups, sequenceNumbers, whole);
        groups.forEach(builder::addGroup);
        return builder.build();
    }

    /** The row of token {@code index} of a sequence. */
    int row(int sequence, int index) {
        int segment = sequenceSegment[sequence];
        int shared = sequenceShared[sequence];
        return index >= shared ? segmentStart[segment] + index - shared : segmentStart[segmentParent[segment]] + index;
    }

    private static final class Builder {
        private final int[] sequenceNumbers;
        private final boolean whole;
        private final int[] tokenIds;
        private final int[] positions;
        private final int[] sequenceSegment;
        private final int[] sequenceShared;
        private final List<int[]> segments = new ArrayList<>(); // {start, length, parent, number, longest}
        private final List<Integer> trees = new ArrayList<>();
        private int row;
        private int sequence;

        Builder(List<List<TokenSequence>> groups, int[] sequenceNumbers, boolean whole) {
            this.sequenceNumbers = sequenceNumbers;
            this.whole = whole;
            int most =
                    groups.stream().flatMap(List::stream).mapToInt(this::rows).sum();
            tokenIds = new int[most];
            positions = new int[most];
            sequenceSegment = new int[sequenceNumbers.length];
            sequenceShared = new int[sequenceNumbers.length];
        }

        private int rows(TokenSequence sequence) {
            return whole ? sequence.length() : sequence.neededRows();
        }

        void addGroup(List<TokenSequence> group) {
            int shared = group.size() > 1 ? commonPrefix(group) - 1 : 0;
            int longest = group.stream().mapToInt(TokenSequence::length).max().orElse(0);
            int parent = -1;
            if (shared > 0) {
                trees.add(segments.size());
                parent = addSegment(group.get(0).ids(), 0, shared, -1, longest);
            }
            for (TokenSequence member : group) {
                if (parent < 0) {
                    trees.add(segments.size());
                }
                sequenceShared[sequence] = Math.max(shared, 0);
                sequenceSegment[sequence] = addSegment(
                        member.ids(),
                        sequenceShared[sequence],
                        rows(member),
                        parent,
                        parent < 0 ? member.length() : longest);
                sequence++;
            }
        }

        private int addSegment(int[] ids, int from, int to, int parent, int longest) {
            segments.add(new int[] {row, to - from, parent, sequenceNumbers[sequence], longest});
            for (int position = from; position < to; position++) {
                tokenIds[row] = ids[position];
                positions[row] = position;
                row++;
            }
            return segments.size() - 1;
        }

        private int commonPrefix(List<TokenSequence> group) {
            int[] first = group.get(0).ids();
            int length = rows(group.get(0));
            for (TokenSequence member : group) {
                length = Math.min(length, rows(member));
                int mismatch = Arrays.mismatch(first, 0, length, member.ids(), 0, length);
                length = mismatch < 0 ? length : mismatch;
            }
            return length;
        }

        PackedRows build() {
            trees.add(segments.size());
            return new PackedRows(
                    Arrays.copyOf(tokenIds, row),
                    Arrays.copyOf(positions, row),
                    column(0),
                    column(1),
                    column(2),
                    column(3),
                    column(4),
                    trees.stream().mapToInt(Integer::intValue).toArray(),
                    sequenceSegment,
                    sequenceShared);
        }

        private int[] column(int index) {
            return segments.stream().mapToInt(segment -> segment[index]).toArray();
        }
    }
}
