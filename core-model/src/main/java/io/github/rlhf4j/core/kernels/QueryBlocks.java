package io.github.rlhf4j.core.kernels;

import java.util.Arrays;

/** All blocks of rows of a layout that attend, those of a segment cut into blocks of a fixed number of rows. */
public final class QueryBlocks {
    private int[] segments = new int[16];
    private int[] firsts = new int[16];
    private int size;

    /** Collects all blocks. */
    public void collect(AttentionLayout layout, int rowsPerBlock) {
        size = 0;
        for (int segment = 0; segment < layout.segmentStart().length; segment++) {
            add(layout, segment, rowsPerBlock);
        }
    }

    /** No blocks; {@link #addTree} adds those of some trees. */
    public void clear() {
        size = 0;
    }

    /** Adds the blocks of a tree's segments. */
    public void addTree(AttentionLayout layout, int tree, int rowsPerBlock) {
        for (int segment = layout.treeStart()[tree]; segment < layout.treeStart()[tree + 1]; segment++) {
            add(layout, segment, rowsPerBlock);
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

    public int size() {
        return size;
    }

    public int segment(int block) {
        return segments[block];
    }

    /** First row of a block, counted inside its segment. */
    public int first(int block) {
        return firsts[block];
    }
}
