package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.AttentionLayout;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Sequences end to end, without padding: what one forward pass computes. Immutable.
 *
 * <p>The sequences of one group share their longest common prefix less its last token as one segment; each one's own segment begins with that last token, so the first
 * predictions of K responses come from K rows. Rows after a sequence's last target and scalar row are left out: nothing depends on them. Arrays returned are the batch's own and are not to
 * be written.
 */
public final class PackedBatch {
    private static final int[] NONE = {};

    private final PackedRows rows;
    private final PackedPoints points;
    private final int groups;
    private final int sequences;
    private final int[] groupOf;
    private final long unsharedTokens;

    private PackedBatch(PackedRows rows, PackedPoints points, int groups, int[] groupOf, long unsharedTokens) {
        this.rows = rows;
        this.points = points;
        this.groups = groups;
        this.sequences = groupOf.length;
        this.groupOf = groupOf;
        this.unsharedTokens = unsharedTokens;
    }

    /** A batch whose sequences are numbered 0, 1, ... for dropout. */
    public static PackedBatch of(List<List<TokenSequence>> groups) {
        int count = groups.stream().mapToInt(List::size).sum();
        return of(groups, IntStream.range(0, count).toArray());
    }

    /**
     * A batch of groups of sequences; {@code sequence} indices elsewhere count through all groups in order.
     *
     * @param sequenceNumbers the number of each sequence in its optimiser step, on which dropout's draws depend
     */
    public static PackedBatch of(List<List<TokenSequence>> groups, int[] sequenceNumbers) {
        return of(groups, sequenceNumbers, false);
    }

    /** As {@link #of(List, int[])}; {@code whole}: with the rows after the last target and scalar row too, which routers' losses count. */
    public static PackedBatch of(List<List<TokenSequence>> groups, int[] sequenceNumbers, boolean whole) {
        List<TokenSequence> sequences = groups.stream().flatMap(List::stream).toList();
        if (sequences.isEmpty()) {
            throw new IllegalArgumentException("a batch needs at least one sequence");
        }
        if (sequenceNumbers.length != sequences.size()) {
            throw new IllegalArgumentException(
                    sequenceNumbers.length + " numbers for " + sequences.size() + " sequences");
        }
        PackedRows rows = PackedRows.of(groups, sequenceNumbers, whole);
        int[] groupOf = IntStream.range(0, groups.size())
                .flatMap(group -> groups.get(group).stream().mapToInt(sequence -> group))
                .toArray();
        long tokens = sequences.stream().mapToLong(TokenSequence::length).sum();
        return new PackedBatch(rows, PackedPoints.of(sequences, rows), groups.size(), groupOf, tokens);
    }

    /** A batch of sequences that share nothing. */
    public static PackedBatch ofSingles(List<TokenSequence> sequences) {
        return of(sequences.stream().map(List::of).toList());
    }

    /** N, the rows that are computed. */
    public int rows() {
        return rows.tokenIds().length;
    }

    /** Token id of each row. */
    public int[] tokenIds() {
        return rows.tokenIds();
    }

    /** Absolute position of each row in its sequence. */
    public int[] positions() {
        return rows.positions();
    }

    /** First row of each segment. */
    public int[] segmentStart() {
        return rows.segmentStart();
    }

    /** Rows of each segment. */
    public int[] segmentLength() {
        return rows.segmentLength();
    }

    /** Parent of each segment, or -1. */
    public int[] segmentParent() {
        return rows.segmentParent();
    }

    /** First segment of each tree, and the number of segments. */
    public int[] treeStart() {
        return rows.treeStart();
    }

    /** How attention runs over this batch in layer {@code layer} of a model. */
    public AttentionLayout layout(ModelConfig config, int layer) {
        return new AttentionLayout(
                segmentStart(),
                segmentLength(),
                segmentParent(),
                treeStart(),
                config.heads(),
                config.keyValueHeads(),
                config.headDim(),
                1 / Math.sqrt(config.headDim()),
                config.window(layer));
    }

    /** Groups (examples). */
    public int groups() {
        return groups;
    }

    /** Sequences of all groups. */
    public int sequences() {
        return sequences;
    }

    /** The group of a sequence. */
    public int group(int sequence) {
        return groupOf[sequence];
    }

    /** Targets, each (row, token) once however many sequences share it. */
    public int targets() {
        return points.targetRows().length;
    }

    /** Row of each target, ascending. */
    public int[] targetRows() {
        return points.targetRows();
    }

    /** Token of each target. */
    public int[] targetTokens() {
        return points.targetTokens();
    }

    /** Number of targets of a sequence. */
    public int targets(int sequence) {
        return points.targetIndices()[sequence].length;
    }

    /** Index into the target arrays of a sequence's {@code j}-th target. */
    public int targetIndex(int sequence, int j) {
        return points.targetIndices()[sequence][j];
    }

    /** Rows where a scalar head is read, each once however many sequences share it. */
    public int scalars() {
        return points.scalarRows().length;
    }

    /** The rows where a scalar head is read, ascending. */
    public int[] scalarRows() {
        return points.scalarRows();
    }

    /** Number of scalar rows of a sequence. */
    public int scalars(int sequence) {
        return points.scalarIndices()[sequence].length;
    }

    /** Index into {@link #scalarRows()} of a sequence's {@code j}-th scalar row. */
    public int scalarIndex(int sequence, int j) {
        return points.scalarIndices()[sequence][j];
    }

    /** Tokens that an unshared batch would hold: {@code num_tokens}. */
    public long unsharedTokens() {
        return unsharedTokens;
    }

    /** The number, in its optimiser step, of the (first) sequence that a row belongs to. */
    int sequenceNumber(int row) {
        int segment = Arrays.binarySearch(rows.segmentStart(), row);
        return rows.segmentNumber()[segment >= 0 ? segment : -segment - 2];
    }

    /** For each row, the tokens of its sequence; of the longest among those that share a prefix. */
    int[] sequenceLengths() {
        int[] lengths = new int[rows()];
        for (int segment = 0; segment < segmentStart().length; segment++) {
            int from = segmentStart()[segment];
            Arrays.fill(lengths, from, from + segmentLength()[segment], rows.segmentLongest()[segment]);
        }
        return lengths;
    }

    /** How many sequences each row belongs to. */
    int[] sequencesOfRows() {
        int[] children = new int[segmentStart().length];
        for (int parent : segmentParent()) {
            if (parent >= 0) {
                children[parent]++;
            }
        }
        int[] counts = new int[rows()];
        for (int segment = 0; segment < children.length; segment++) {
            int from = segmentStart()[segment];
            Arrays.fill(counts, from, from + segmentLength()[segment], Math.max(1, children[segment]));
        }
        return counts;
    }

    /** All rows, for a pass that needs every row of every layer. */
    OutputRows allRows() {
        return OutputRows.all(rows(), points.targetRows(), points.scalarRows());
    }

    /** The rows whose last hidden state is used: those of targets, those of the scalar head, or both. */
    OutputRows outputRows(boolean ofTargets, boolean ofScalars) {
        return OutputRows.of(rows(), ofTargets ? points.targetRows() : NONE, ofScalars ? points.scalarRows() : NONE);
    }
}
