package io.github.rlhf4j.core.kernels.cpu;

/** How rows are grouped into tiles, by the shape alone. */
final class RowTiles {
    private static final int ELEMENTS_PER_TILE = 1 << 15;
    private static final int MOST_ROWS = 64;

    private RowTiles() {}

    /** Rows of a tile: enough work to be worth handing out, few enough to balance. */
    static int rowsPerTile(int columns) {
        return Math.max(1, Math.min(MOST_ROWS, ELEMENTS_PER_TILE / Math.max(1, columns)));
    }

    static int tiles(int rows, int rowsPerTile) {
        return (rows + rowsPerTile - 1) / rowsPerTile;
    }
}
