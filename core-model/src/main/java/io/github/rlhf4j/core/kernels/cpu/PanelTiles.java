package io.github.rlhf4j.core.kernels.cpu;

import java.nio.FloatBuffer;
import org.jspecify.annotations.Nullable;

/** How products of rows with panels of weights are cut into tiles, and how a tile's sums are put out. */
final class PanelTiles {
    /** Rows of a tile: their inputs stay in the second-level cache while panels go by. */
    static final int MOST_ROWS = 64;

    /** Tiles for each thread, so that the last to end does not end much later. */
    private static final int ENOUGH = 3;

    /** Multiply-adds of a product that is over before another thread has begun. */
    private static final int SMALL = 1 << 17;

    private PanelTiles() {}

    /** Whether a product is best computed by the calling thread alone. */
    static boolean areForOneThread(int rows, int columns, int depth) {
        return (long) rows * columns * depth <= SMALL;
    }

    /** Groups of {@link #MOST_ROWS} rows. */
    static int groups(int rows) {
        return (rows + MOST_ROWS - 1) / MOST_ROWS;
    }

    /**
     * Panels of a tile: as many as leave enough tiles, and of those the number with which the busiest thread has the least to do.
     *
     * @param panels in all
     * @param groups of rows
     */
    static int panels(int panels, int groups, int threads, int atMost) {
        if (threads == 1) {
            return Math.min(atMost, panels);
        }
        int most = Math.min(atMost, groups * panels / (ENOUGH * threads));
        int best = 1;
        int least = Integer.MAX_VALUE;
        for (int together = 1; together <= most; together++) {
            int tiles = groups * ((panels + together - 1) / together);
            int busiest = (tiles + threads - 1) / threads * together;
            if (busiest <= least) {
                best = together;
                least = busiest;
            }
        }
        return best;
    }

    /** @param alone whether the calling thread does it, as the first worker */
    static void run(Parallel parallel, int tiles, Parallel.TileBody body, boolean alone) {
        if (!alone) {
            parallel.forEachTile(tiles, body);
            return;
        }
        for (int tile = 0; tile < tiles; tile++) {
            body.run(tile, 0);
        }
    }

    /**
     * Sets or adds to some rows of a result.
     *
     * @param at of the first row's first element
     * @param stride from row to row
     * @param sums of rows {@code distance} apart; what is put out where they are added to what is there
     * @param addend room for a row, where they are added
     */
    static void store(
            FloatBuffer out,
            int at,
            int stride,
            float[] sums,
            int distance,
            int rows,
            int width,
            float @Nullable [] addend) {
        for (int row = 0; row < rows; row++) {
            int place = at + row * stride;
            int sum = row * distance;
            if (addend != null) {
                out.get(place, addend, 0, width);
                VectorMath.add(sums, sum, addend, 0, width);
            }
            out.put(place, sums, sum, width);
        }
    }
}
