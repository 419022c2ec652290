package io.github.rlhf4j.core.kernels;

import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Products with weights in panels ({@link Kernels#pack}), a tile a panel and some rows: the lanes of a vector are neighbouring outputs, so an element is summed over the inputs in their order
 * whatever the other rows are. A run of inputs is computed at a time; four or eight rows share each load. Panels on the heap are read where they lie, the next run while the present one is computed; panels in native memory
 * are staged.
 */
final class PanelProduct {
    private static final int LANES = VectorMath.LANES;
    private static final int PANEL = Kernels.PANEL;
    /** Inputs computed at a time: 8 KiB of weights. */
    private static final int RUN = 64;

    /** Rows of a tile: their inputs stay in the second-level cache while panels go by. */
    private static final int MOST_ROWS = 128;

    /** Rows computed together, as many as there are registers for. */
    private static final int TOGETHER = LANES == PANEL / 2 ? 8 : 4;

    /** Multiply-adds of a product that is over before another thread has begun. */
    private static final int SMALL = 1 << 17;

    private static final FloatBuffer NONE = FloatBuffer.allocate(0);

    private final Parallel parallel;
    private final Parallel.TileBody interleave = this::interleave;
    private final Parallel.TileBody product = this::multiply;
    private final Scratch[] scratches;
    private float[] x = {}; // (rows, depth), rows that are computed together interleaved
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
    private int rows;
    private int columns;
    private int depth;
    private boolean add;

    /** One thread's. */
    private static final class Scratch {
        final float[] staged = new float[RUN * PANEL];
        final float[] sums = new float[MOST_ROWS * PANEL];
        final float[] row = new float[PANEL];
        float[] together = {}; // (TOGETHER, depth)
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
        if (x.length < rows * depth) {
            x = new float[rows * depth];
        }
        int groups = (rows + MOST_ROWS - 1) / MOST_ROWS;
        parallel.forEachTile(groups, interleave);
        int tiles = groups * panelCount;
        if ((long) rows * columns * depth > SMALL) {
            parallel.forEachTile(tiles, product);
            return;
        }
        for (int tile = 0; tile < tiles; tile++) {
            multiply(tile, 0);
        }
    }

    private void interleave(int group, int worker) {
        Scratch scratch = scratches[worker];
        if (scratch.together.length < TOGETHER * depth) {
            scratch.together = new float[TOGETHER * depth];
        }
        int last = Math.min(rows, (group + 1) * MOST_ROWS);
        int count;
        for (int row = group * MOST_ROWS; row < last; row += count) {
            count = together(row, last);
            if (count == 1) {
                in.get(inOffset + row * inStride, x, row * depth, depth);
            } else {
                interleave(scratch.together, row, count);
            }
        }
    }

    private void interleave(float[] staged, int first, int count) {
        for (int i = 0; i < count; i++) {
            in.get(inOffset + (first + i) * inStride, staged, i * depth, depth);
        }
        int to = first * depth;
        float[] interleaved = x;
        for (int i = 0; i < count; i++) {
            for (int k = 0; k < depth; k++) {
                interleaved[to + k * count + i] = staged[i * depth + k];
            }
        }
    }

    /** How many rows are computed together from {@code row} on. */
    private static int together(int row, int last) {
        int left = last - row;
        return left >= TOGETHER ? TOGETHER : left >= 4 ? 4 : 1;
    }

    private void multiply(int tile, int worker) {
        int first = tile / panelCount * MOST_ROWS;
        int last = Math.min(rows, first + MOST_ROWS);
        int panel = tile % panelCount;
        Scratch scratch = scratches[worker];
        float[] sums = scratch.sums;
        Arrays.fill(sums, 0, (last - first) * PANEL, 0);
        int start = panelOffset + panel * panelStride;
        for (int from = 0; from < depth; from += RUN) {
            int count = Math.min(RUN, depth - from);
            int at = start + from * PANEL;
            if (panels.hasArray()) {
                addRows(scratch, first, last, from, panels.array(), at, count);
            } else {
                panels.get(at, scratch.staged, 0, count * PANEL);
                addRows(scratch, first, last, from, scratch.staged, 0, count);
            }
        }
        store(scratch, first, last, panel * PANEL);
    }

    /** @param start of the run's weights in {@code w} */
    private void addRows(Scratch scratch, int first, int last, int from, float[] w, int start, int count) {
        float[] sums = scratch.sums;
        int half = count * PanelLoops.LINE;
        int next = start + 4 * half <= w.length ? start + 2 * half : start;
        for (int lane = 0; lane < PANEL; lane += 2 * LANES) {
            int together;
            for (int row = first; row < last; row += together) {
                together = together(row, last);
                int at = row * depth + from * together;
                int to = (row - first) * PANEL + lane;
                int touch = row == first && lane == 0 ? next : next + half;
                switch (together) {
                    case 8 -> PanelLoops.eightRows(x, at, w, start, count, touch, sums, to);
                    case 4 -> PanelLoops.fourRows(x, at, w, start + lane, count, touch, sums, to);
                    default -> PanelLoops.oneRow(x, at, w, start + lane, count, sums, to);
                }
            }
        }
    }

    private void store(Scratch scratch, int first, int last, int column) {
        int width = Math.min(PANEL, columns - column);
        float[] sums = scratch.sums;
        for (int row = first; row < last; row++) {
            int at = outOffset + row * outStride + column;
            int from = (row - first) * PANEL;
            if (add) {
                out.get(at, scratch.row, 0, width);
                PanelLoops.add(sums, from, scratch.row);
            }
            out.put(at, sums, from, width);
        }
    }
}
