package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.kernels.AttentionLayout;
import io.github.rlhf4j.core.kernels.QueryBlocks;

/**
 * Which attention is computed with queries in the lanes of vectors instead of by BLAS, and how its heads are shared out: heads are narrow, keys not too many to be staged, and
 * a vector has room for a group of queries.
 */
final class SmallHeadAttention {
    private static final int WIDEST_HEAD = LaneProducts.ROW;
    /** Channels of all keys of a head, which bounds what is staged; up to here it is faster than BLAS (measured: 4,096 keys of 32, 2,048 of 64). */
    private static final int MOST_CHANNELS = 4096 * 32;

    private static final int ENOUGH_TILES = 8;

    private SmallHeadAttention() {}

    /** Whether a tree is computed this way; by its own shape alone, so that no sequence's bits depend on its neighbours. */
    static boolean suits(AttentionLayout layout, int tree) {
        return VectorMath.LANES % LaneProducts.GROUP == 0
                && layout.headDim() <= WIDEST_HEAD
                && (long) rows(layout, tree) * layout.headDim() <= MOST_CHANNELS;
    }

    /** Collects the blocks of the trees that are computed this way, or of the others. */
    static void collect(QueryBlocks blocks, AttentionLayout layout, int rowsPerBlock, boolean suited) {
        blocks.clear();
        for (int tree = 0; tree < layout.trees(); tree++) {
            if (suits(layout, tree) == suited) {
                blocks.addTree(layout, tree, rowsPerBlock);
            }
        }
    }

    /** Rows from a tree's first to its last. */
    static int rows(AttentionLayout layout, int tree) {
        int first = layout.treeStart()[tree];
        int last = layout.treeStart()[tree + 1] - 1;
        return last < first
                ? 0
                : layout.segmentStart()[last] + layout.segmentLength()[last] - layout.segmentStart()[first];
    }

    /** Neighbouring key-value heads of a tile: as many as a staged row has room for, unless that leaves too few tiles. */
    static int headsTogether(AttentionLayout layout, int tiles) {
        int most = LaneProducts.ROW / layout.headDim();
        for (int heads = Math.min(most, layout.keyValueHeads()); heads > 1; heads--) {
            if (layout.keyValueHeads() % heads == 0
                    && (long) tiles * (layout.keyValueHeads() / heads) >= ENOUGH_TILES) {
                return heads;
            }
        }
        return 1;
    }
}
