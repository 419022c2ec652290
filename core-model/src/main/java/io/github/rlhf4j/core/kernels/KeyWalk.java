package io.github.rlhf4j.core.kernels;

import java.util.Arrays;

/**
 * The keys that a block of query rows of one segment can see, as pieces of neighbouring rows in order of position: from the root's first row (or the window's) to the
 * block's own last row.
 *
 * <p>Positions run on without a gap from piece to piece, so a run of pieces is one range of positions.
 */
public final class KeyWalk {
    /** Keys of a piece at most. */
    public static final int PIECE = 256;

    private int[] chain = new int[8];
    private int[] rows = new int[16];
    private int[] lengths = new int[16];
    private int[] positions = new int[16];
    private int size;

    /** Collects the pieces for rows {@code firstQuery .. lastQuery} (counted inside {@code segment}). */
    public void collect(AttentionLayout layout, int segment, int firstQuery, int lastQuery) {
        int depth = ancestors(layout, segment);
        int segmentPosition = layout.firstPosition(segment);
        int firstVisible = layout.window() == 0 ? 0 : Math.max(0, segmentPosition + firstQuery + 1 - layout.window());
        size = 0;
        int position = 0;
        for (int i = depth - 1; i >= 0; i--) {
            int member = chain[i];
            int length = i == 0 ? lastQuery + 1 : layout.segmentLength()[member];
            int start = Math.max(0, firstVisible - position);
            for (int key = start; key < length; key += PIECE) {
                add(layout.segmentStart()[member] + key, Math.min(PIECE, length - key), position + key);
            }
            position += length;
        }
    }

    private int ancestors(AttentionLayout layout, int segment) {
        int depth = 0;
        for (int s = segment; s >= 0; s = layout.segmentParent()[s]) {
            if (depth == chain.length) {
                chain = Arrays.copyOf(chain, 2 * depth);
            }
            chain[depth++] = s;
        }
        return depth;
    }

    private void add(int row, int length, int position) {
        if (size == rows.length) {
            rows = Arrays.copyOf(rows, 2 * size);
            lengths = Arrays.copyOf(lengths, 2 * size);
            positions = Arrays.copyOf(positions, 2 * size);
        }
        rows[size] = row;
        lengths[size] = length;
        positions[size++] = position;
    }

    /** Pieces. */
    public int size() {
        return size;
    }

    /** First row of a piece in the batch. */
    public int row(int piece) {
        return rows[piece];
    }

    public int length(int piece) {
        return lengths[piece];
    }

    /** Absolute position of a piece's first key. */
    public int position(int piece) {
        return positions[piece];
    }

    /** The end of the run of pieces that begins at {@code first} and has at most {@code capacity} keys (one piece always fits). */
    public int runEnd(int first, int capacity) {
        int total = lengths[first];
        int end = first + 1;
        while (end < size && total + lengths[end] <= capacity) {
            total += lengths[end++];
        }
        return end;
    }
}
