package io.github.rlhf4j.core.kernels;

import java.util.Arrays;

/** All blocks of rows of a layout that attend, those of a segment cut into blocks of a fixed number of rows. */
final class QueryBlocks {
    static final AttentionLayout EMPTY =
            new AttentionLayout(new int[0], new int[0], new int[0], new int[1], 1, 1, 1, 1, 0);

    private int[] segments = new int[16];
    private int[] firsts = new int[16];
    private int size;

    /** Collects all blocks. */
    void collect(AttentionLayout layout, int rowsPerBlock) {
        size = 0;
        for (int segment = 0; segment < layout.segmentStart().length; segment++) {
            add(layout, segment, rowsPerBlock);
        }
    }

    /**
     * Collects the blocks of the trees that {@link SmallHeadAttention} suits, or of the others.
     *
     * @param narrow which of both
     */
    void collect(AttentionLayout layout, int rowsPerBlock, boolean narrow) {
        size = 0;
        for (int tree = 0; tree < layout.trees(); tree++) {
            if (SmallHeadAttention.suits(layout, tree) == narrow) {
                for (int segment = layout.treeStart()[tree]; segment < layout.treeStart()[tree + 1]; segment++) {
                    add(layout, segment, rowsPerBlock);
                }
            }
        }
    }

    private void add(AttentionLayout layout, int segment, int rowsPerBlock) {
        int length = layout.segmentLength()[segment];
        for (int first = layout.firstQuery()[segment]; first < length; first += rowsPerBlock) {
            if (size == segments.length) {
                segments = Arrays.copyOf(segments, 2 * size);
                firsts = Arrays.copyOf(firsts, 2 * size);
            }
            segments[size] = segment;
            firsts[size++] = first;
        }
    }

    int size() {
        return size;
    }

    int segment(int block) {
        return segments[block];
    }

    /** First row of a block, counted inside its segment. */
    int first(int block) {
        return firsts[block];
    }

    /** Column of query head {@code head}'s key head. */
    static int keyColumn(AttentionLayout layout, int head) {
        return layout.queryWidth() + head / (layout.heads() / layout.keyValueHeads()) * layout.headDim();
    }

    static int valueColumn(AttentionLayout layout, int head) {
        return keyColumn(layout, head) + layout.keyValueWidth();
    }
}
