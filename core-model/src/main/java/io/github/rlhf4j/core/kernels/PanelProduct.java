package io.github.rlhf4j.core.kernels;

import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Products with weights in panels ({@link Kernels#pack}), a tile some panels and some rows: the lanes of a vector are neighbouring outputs, so an element is summed over the inputs in their order
 * whatever the other rows are and however tiles are cut. A run of inputs is computed at a time; four or eight rows share each load. Panels on the heap are read where they lie, the next run
 * on its way while the present one is computed; panels in native memory are staged. Tiles of the same panels follow each other, which are then in the second-level cache.
 */
final class PanelProduct {
    private static final int LANES = VectorMath.LANES;
    private static final int PANEL = Kernels.PANEL;
    private static final int RUN = PanelLoops.RUN;

    /** Rows of a tile: a run of their inputs stays in the first-level cache while panels go by. */
    private static final int MOST_ROWS = 64;

    /** Sums of a tile, 32 KiB: where rows are few, a tile is more panels. */
    private static final int MOST_SUMS = 8192;

    /** Tiles for each thread, so that the last to end does not end much later. */
    private static final int ENOUGH_TILES = 4;

    /** Rows computed together, as many as there are registers for. */
    private static final int TOGETHER = LANES == PANEL / 2 ? 8 : 4;

    /** Multiply-adds of a product that is over before another thread has begun. */
    private static final int SMALL = 1 << 17;

    private static final FloatBuffer NONE = FloatBuffer.allocate(0);

    private final Parallel parallel;
    private final Parallel.TileBody staging = this::stage;
    private final Parallel.TileBody product = this::multiply;
    private final Scratch[] scratches;
    private float[] x = {}; // of rows that are computed together, run after run: (runs, rows together, RUN)
    private FloatBuffer out = NONE;
    private FloatBuffer in = NONE;
    private FloatBuffer panels = NONE;
    private int outOffset;
    private int outStride;
    private int inOffset;
    private int inStride;
    private int panelOffset;
    private int panelStride;
    private int panelCount;
    private int panelsTogether;
    private int groups;
    private int rows;
    private int columns;
    private int depth;
    private int room; // depth in whole runs
    private boolean add;

    /** One thread's. */
    private static final class Scratch {
        final float[] staged = new float[RUN * PANEL];
        final float[] sums = new float[MOST_SUMS];
        float[] row = {};
    }

    PanelProduct(Parallel parallel) {
        this.parallel = parallel;
        scratches = new Scratch[parallel.threads()];
        Arrays.setAll(scratches, i -> new Scratch());
    }

    void multiply(Tensor result, Tensor by, Tensor packed, boolean adding) {
        rows = result.rows();
        columns = result.columns();
        depth = by.columns();
        out = result.floats();
        outOffset = result.offset();
        outStride = result.rowStride();
        in = by.floats();
        inOffset = by.offset();
        inStride = by.rowStride();
        panels = packed.floats();
        panelOffset = packed.offset();
        panelStride = packed.rowStride();
        panelCount = packed.rows();
        add = adding;
        room = (depth + RUN - 1) / RUN * RUN;
        x = LaneScratch.fit(x, rows * room);
        groups = (rows + MOST_ROWS - 1) / MOST_ROWS;
        boolean alone = (long) rows * columns * depth <= SMALL;
        int most = MOST_SUMS / PANEL / Math.min(rows, MOST_ROWS);
        int enough = parallel.threads() == 1 || alone ? 1 : ENOUGH_TILES * parallel.threads();
        panelsTogether = Math.max(1, Math.min(most, groups * panelCount / enough));
        parallel.forEachTile(groups, staging);
        int tiles = groups * ((panelCount + panelsTogether - 1) / panelsTogether);
        if (!alone) {
            parallel.forEachTile(tiles, product);
            return;
        }
        for (int tile = 0; tile < tiles; tile++) {
            multiply(tile, 0);
        }
    }

    private void stage(int group, int worker) {
        Scratch scratch = scratches[worker];
        scratch.row = LaneScratch.fit(scratch.row, depth);
        int last = Math.min(rows, (group + 1) * MOST_ROWS);
        int count;
        for (int row = group * MOST_ROWS; row < last; row += count) {
            count = together(row, last);
            for (int i = 0; i < count; i++) {
                in.get(inOffset + (row + i) * inStride, scratch.row, 0, depth);
                for (int from = 0; from < depth; from += RUN) {
                    int to = row * room + from * count + i * RUN;
                    System.arraycopy(scratch.row, from, x, to, Math.min(RUN, depth - from));
                }
            }
        }
    }

    /** How many rows are computed together from {@code row} on. */
    private static int together(int row, int last) {
        int left = last - row;
        return left >= TOGETHER ? TOGETHER : left >= 4 ? 4 : 1;
    }

    private void multiply(int tile, int worker) {
        int first = tile % groups * MOST_ROWS;
        int last = Math.min(rows, first + MOST_ROWS);
        int panel = tile / groups * panelsTogether;
        int count = Math.min(panelsTogether, panelCount - panel);
        Scratch scratch = scratches[worker];
        int stride = count * PANEL;
        Arrays.fill(scratch.sums, 0, (last - first) * stride, 0);
        for (int i = 0; i < count; i++) {
            addPanel(scratch, first, last, panelOffset + (panel + i) * panelStride, i * PANEL, stride);
        }
        store(scratch, first, last, panel * PANEL, stride);
    }

    /**
     * @param start of the panel
     * @param to where its sums begin
     * @param stride of sums from row to row
     */
    private void addPanel(Scratch scratch, int first, int last, int start, int to, int stride) {
        for (int from = 0; from < depth; from += RUN) {
            int count = Math.min(RUN, depth - from);
            int at = start + from * PANEL;
            if (panels.hasArray()) {
                addRun(scratch.sums, first, last, from, panels.array(), at, count, to, stride);
            } else {
                panels.get(at, scratch.staged, 0, count * PANEL);
                addRun(scratch.sums, first, last, from, scratch.staged, 0, count, to, stride);
            }
        }
    }

    /** @param start of the run's weights in {@code w} */
    private void addRun(
            float[] sums, int first, int last, int from, float[] w, int start, int count, int to, int stride) {
        int half = count * PanelLoops.LINE;
        int next = start + 4 * half <= w.length ? start + 2 * half : start;
        for (int lane = 0; lane < PANEL; lane += 2 * LANES) {
            int together;
            int sum = to + lane;
            for (int row = first; row < last; row += together) {
                together = together(row, last);
                int at = row * room + from * together;
                switch (together) {
                    case 8 -> {
                        if (row == first) {
                            PanelLoops.eightRowsAhead(x, at, w, start, count, next, sums, sum, stride);
                        } else {
                            PanelLoops.eightRows(x, at, w, start, count, sums, sum, stride);
                        }
                    }
                    case 4 -> {
                        int touch = row == first && lane == 0 ? next : next + half;
                        PanelLoops.fourRows(x, at, w, start + lane, count, touch, sums, sum, stride);
                    }
                    default -> PanelLoops.oneRow(x, at, w, start + lane, count, sums, sum);
                }
                sum += together * stride;
            }
        }
    }

    private void store(Scratch scratch, int first, int last, int column, int stride) {
        int width = Math.min(stride, columns - column);
        scratch.row = LaneScratch.fit(scratch.row, stride);
        float[] sums = scratch.sums;
        for (int row = first; row < last; row++) {
            int at = outOffset + row * outStride + column;
            int from = (row - first) * stride;
            if (add) {
                out.get(at, scratch.row, 0, width);
                PanelLoops.add(sums, from, scratch.row, stride);
            }
            out.put(at, sums, from, width);
        }
    }
}
