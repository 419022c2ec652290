package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Products with weights in panels ({@link Kernels#pack}), a tile some panels and some rows: the lanes of a vector are neighbouring outputs, so an element is summed over the inputs in their order
 * whatever the other rows are and however tiles are cut. A run of inputs is computed at a time; four or eight rows share each load. Panels on the heap are read where they lie;
 * panels in native memory are staged. Tiles of the same panels follow each other, which are then in the second-level cache.
 */
final class PanelProduct {
    private static final int LANES = VectorMath.LANES;
    private static final int PANEL = Kernels.PANEL;
    private static final int RUN = PanelLoops.RUN;
    private static final int SUMS = PanelLoops.SUMS;

    /** Inputs computed at a time where panels are staged and all rows computed together, a divisor of {@link #RUN}: 16 KiB of weights. */
    private static final int SHORT_RUN = 128;

    private static final int MOST_ROWS = PanelTiles.MOST_ROWS;
    private static final int NOTHING = StagedRows.NOTHING;
    private static final FloatBuffer NONE = FloatBuffer.allocate(0);

    private final Parallel parallel;
    private final boolean touchesAhead;
    private final Parallel.TileBody staging = this::stage;
    private final Parallel.TileBody product = this::multiply;
    private final Scratch[] scratches;
    private final StagedRows x = new StagedRows();
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
    private int panelsTogether; // in a tile
    private int panelsAtOnce;
    private int groups;
    private int rows;
    private int columns;
    private int depth;
    private int run;
    private boolean add;

    /** One thread's. */
    private static final class Scratch {
        final float[] sums = new float[MOST_ROWS * SUMS];
        final float[] addend = new float[PanelLoops.PANELS * PANEL];
        float[] staged = {}; // (run, PANEL)
    }

    /** @param touchesAhead whether weights are read ahead of their use; {@link Processor#TOUCHES_AHEAD} but in tests */
    PanelProduct(Parallel parallel, boolean touchesAhead) {
        this.parallel = parallel;
        this.touchesAhead = touchesAhead;
        scratches = new Scratch[parallel.threads()];
        Arrays.setAll(scratches, i -> new Scratch());
    }

    void multiply(Tensor result, Tensor by, Tensor packed, boolean adding) {
        panels = packed.floats();
        panelOffset = packed.offset();
        panelStride = packed.rowStride();
        panelCount = packed.rows();
        run = result.rows() >= 4 && result.rows() <= StagedRows.TOGETHER && !panels.hasArray() ? SHORT_RUN : RUN;
        panelsAtOnce = result.rows() < 4 && panels.hasArray() ? 4 : 1;
        multiply(result, by, adding);
    }

    private void multiply(Tensor result, Tensor by, boolean adding) {
        rows = result.rows();
        columns = result.columns();
        depth = by.columns();
        out = result.floats();
        outOffset = result.offset();
        outStride = result.rowStride();
        in = by.floats();
        inOffset = by.offset();
        inStride = by.rowStride();
        add = adding;
        x.fit(rows, depth);
        groups = PanelTiles.groups(rows);
        boolean alone = PanelTiles.areForOneThread(rows, columns, depth);
        int threads = alone ? 1 : parallel.threads();
        panelsTogether = Math.max(panelsAtOnce, PanelTiles.panels(panelCount, groups, threads, PanelLoops.PANELS));
        parallel.forEachTile(groups, staging);
        PanelTiles.run(parallel, groups * ((panelCount + panelsTogether - 1) / panelsTogether), product, alone);
    }

    private void stage(int group, int worker) {
        x.stage(in, inOffset, inStride, group * MOST_ROWS, Math.min(rows, (group + 1) * MOST_ROWS));
    }

    private void multiply(int tile, int worker) {
        int first = tile % groups * MOST_ROWS;
        int last = Math.min(rows, first + MOST_ROWS);
        int panel = tile / groups * panelsTogether;
        int count = Math.min(panelsTogether, panelCount - panel);
        Scratch scratch = scratches[worker];
        int together;
        for (int i = 0; i < count; i += together) {
            together = Math.min(panelsAtOnce, count - i);
            int lastToTouch =
                    parallel.threads() == 1 ? panelCount : panel + count; // the next tile may be another thread's
            int end = panelOffset + lastToTouch * panelStride;
            multiplyPanels(scratch, first, last, panelOffset + (panel + i) * panelStride, end, together, i * PANEL);
        }
        int column = panel * PANEL;
        int width = Math.min(count * PANEL, columns - column);
        PanelTiles.store(
                out,
                outOffset + first * outStride + column,
                outStride,
                scratch.sums,
                SUMS,
                last - first,
                width,
                add ? scratch.addend : null);
    }

    /**
     * @param start of the first panel
     * @param end of what this thread multiplies with
     * @param together panels
     * @param column of the first one's sums
     */
    private void multiplyPanels(Scratch scratch, int first, int last, int start, int end, int together, int column) {
        for (int from = 0; from < depth; from += run) {
            int count = Math.min(run, depth - from);
            int at = start + from * PANEL;
            if (panelsAtOnce > 1) {
                addRuns(scratch.sums, column, first, last, from, at, count, together);
            } else if (panels.hasArray()) {
                int next = at + count * PANEL;
                boolean touching = touchesAhead && next + count * PANEL <= end;
                float[] w = panels.array();
                x.addRun(scratch.sums, column, first, last, from, from == 0, w, at, touching ? next : NOTHING, count);
            } else {
                scratch.staged = LaneScratch.fit(scratch.staged, run * PANEL);
                panels.get(at, scratch.staged, 0, count * PANEL);
                x.addRun(scratch.sums, column, first, last, from, from == 0, scratch.staged, 0, NOTHING, count);
            }
        }
    }

    /** Of up to four panels; as {@link StagedRows#addRun}. */
    private void addRuns(float[] sums, int column, int first, int last, int from, int start, int count, int together) {
        float[] before = from == 0 ? PanelLoops.ZEROS : sums;
        int distance = from == 0 ? 0 : PANEL;
        for (int lane = 0; lane < PANEL; lane += 2 * LANES) {
            for (int row = first; row < last; row++) {
                int sum = (row - first) * SUMS + column + lane;
                PanelLoops.oneRowOfFour(
                        x.values(),
                        x.start(row, 1, from),
                        panels.array(),
                        start + lane,
                        together,
                        panelStride,
                        count,
                        before,
                        from == 0 ? 0 : sum,
                        distance,
                        sums,
                        sum);
            }
        }
    }
}
