package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.CompactPanels;
import io.github.rlhf4j.core.tensor.Tensor;
import io.github.rlhf4j.core.tensor.WeightType;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Products with {@link CompactPanels}, a tile some panels and some rows. A row's sums are the same to the bit whatever the other rows are and however tiles are cut: over each chunk of bfloat16 weights inputs are added in their order, then the chunks; of
 * int8 weights each group's, times its scale.
 *
 * <p>Where the processor multiplies bfloat16, inputs of bfloat16 panels are rounded to it and oneDNN multiplies. Otherwise inputs stay float32; weights become floats in registers for fewer than four rows, else some inputs at a time, which then are in
 * the first-level cache.
 */
final class CompactPanelProduct implements AutoCloseable {
    private static final int PANEL = CompactPanels.PANEL;
    private static final int GROUP = CompactPanels.GROUP;
    private static final int FLOAT_PANEL = Kernels.PANEL;
    private static final int LANES = VectorMath.LANES;
    private static final int SUMS = PanelLoops.SUMS;

    private static final int MOST_ROWS = PanelTiles.MOST_ROWS;

    /** Inputs of bfloat16 that are floats at a time: 16 KiB of them. */
    private static final int RUN = 128;

    /** Rows from which on it is better to expand weights for all of them than to go over the words for each. */
    private static final int SEVERAL = 4;

    /** Panels of a tile: of few rows, of several, whose sums have the room, and of those that oneDNN multiplies. */
    private static final int PANELS_OF_FEW_ROWS = 64;

    private static final int PANELS_OF_FLOATS = SUMS / PANEL;
    static final int PANELS_OF_HALVES = 16;

    private final Parallel parallel;
    private final Workspace[] workspaces;
    private final @Nullable OneDnn library; // null: products of floats
    private final Parallel.TileBody staging = this::stage;
    private final Parallel.TileBody product = this::multiply;
    private final Scratch[] scratches;
    private final StagedRows staged = new StagedRows();
    private final NativeWords pairs = new NativeWords(); // (rows and room, stride / 2)
    private float[] x = {}; // (rows, stride)
    private @Nullable CompactPanels panels;
    private @Nullable Tensor out;
    private @Nullable Tensor in;
    private Way way = Way.ROWS;
    private int rows;
    private int stride; // of a row of inputs: whole groups
    private int groups; // of rows
    private int panelsTogether; // in a tile
    private boolean add;

    private enum Way {
        /** Each row goes over the words. */
        ROWS,
        /** Weights become floats. */
        FLOATS,
        /** oneDNN multiplies bfloat16 numbers. */
        HALVES
    }

    /** One thread's. */
    private static final class Scratch implements AutoCloseable {
        final NativeWords copied = new NativeWords();
        float[] sums = {};
        float[] partial = {};
        float[] addend = {};
        float[] floats = {}; // (RUN, FLOAT_PANEL)
        float[] row = {};
        int[] pairs = {};
        int[] words = {};

        @Nullable
        BfloatPlans plans;

        @Override
        public void close() {
            copied.close();
            if (plans != null) {
                plans.close();
                plans = null;
            }
        }
    }

    private CompactPanelProduct(Parallel parallel, Workspace[] workspaces, @Nullable OneDnn library) {
        this.parallel = parallel;
        this.workspaces = workspaces;
        this.library = library;
        scratches = new Scratch[parallel.threads()];
        Arrays.setAll(scratches, i -> new Scratch());
    }

    /** In bfloat16 where the processor and the library multiply it in our order. */
    static CompactPanelProduct with(Sgemm sgemm, Parallel parallel, Workspace[] workspaces) {
        return new CompactPanelProduct(parallel, workspaces, sgemm instanceof OneDnn library ? library : null);
    }

    static CompactPanelProduct inFloats(Parallel parallel, Workspace[] workspaces) {
        return new CompactPanelProduct(parallel, workspaces, null);
    }

    /** Whether panels in that form are best in native memory. */
    boolean readsByAddress(WeightType type) {
        return type == WeightType.BFLOAT16 && library != null && BfloatOrder.isOurs(library);
    }

    void multiply(Tensor result, Tensor by, CompactPanels packed, boolean adding) {
        out = result;
        in = by;
        panels = packed;
        add = adding;
        rows = result.rows();
        stride = (packed.inputs() + GROUP - 1) / GROUP * GROUP;
        groups = PanelTiles.groups(rows);
        way = readsByAddress(packed.type()) ? Way.HALVES : rows < SEVERAL ? Way.ROWS : Way.FLOATS;
        boolean alone = PanelTiles.areForOneThread(rows, packed.outputs(), packed.inputs());
        int most = switch (way) {
            case ROWS -> PANELS_OF_FEW_ROWS;
            case FLOATS -> PANELS_OF_FLOATS;
            case HALVES -> PANELS_OF_HALVES;
        };
        panelsTogether = PanelTiles.panels(packed.panels(), groups, alone ? 1 : parallel.threads(), most);
        switch (way) {
            case ROWS -> x = LaneScratch.fit(x, rows * stride + LANES);
            case FLOATS -> staged.fit(rows, packed.inputs());
            case HALVES -> pairs.fit((long) (rows + padded(MOST_ROWS)) * stride / 2);
        }
        PanelTiles.run(parallel, way == Way.FLOATS ? groups : rows, staging, alone);
        int tiles = groups * ((packed.panels() + panelsTogether - 1) / panelsTogether);
        PanelTiles.run(parallel, tiles, product, alone);
    }

    /** Rows that oneDNN computes where there are so many: it compiles each number. */
    static int padded(int rows) {
        return rows <= 2 ? rows : rows <= 4 ? 4 : (rows + 7) / 8 * 8;
    }

    private void stage(int tile, int worker) {
        Tensor from = Objects.requireNonNull(in);
        if (way == Way.FLOATS) {
            int first = tile * MOST_ROWS;
            staged.stage(from.floats(), from.offset(), from.rowStride(), first, Math.min(rows, first + MOST_ROWS));
            return;
        }
        Scratch scratch = scratches[worker];
        scratch.row = LaneScratch.fit(scratch.row, stride + LANES);
        float[] row = way == Way.ROWS ? x : scratch.row;
        int at = way == Way.ROWS ? tile * stride : 0;
        from.floats().get(from.offset(tile), row, at, from.columns());
        Arrays.fill(row, at + from.columns(), at + stride, 0);
        if (way == Way.HALVES) {
            CompactLoops.round(row, at, stride);
            if (scratch.pairs.length < stride / 2 + LANES) {
                scratch.pairs = new int[stride / 2 + LANES];
            }
            CompactLoops.toPairs(row, 0, stride, scratch.pairs);
            pairs.words().put(tile * (stride / 2), scratch.pairs, 0, stride / 2);
        }
    }

    private void multiply(int tile, int worker) {
        CompactPanels of = Objects.requireNonNull(panels);
        int first = tile % groups * MOST_ROWS;
        int last = Math.min(rows, first + MOST_ROWS);
        int panel = tile / groups * panelsTogether;
        int count = Math.min(panelsTogether, of.panels() - panel);
        Scratch scratch = scratches[worker];
        switch (way) {
            case ROWS -> multiplyRows(of, scratch, first, last, panel, count);
            case FLOATS -> multiplyFloats(of, scratch, first, last, panel, count);
            case HALVES -> multiplyHalves(of, scratch, first, last, panel, count, workspaces[worker]);
        }
    }

    private void multiplyRows(CompactPanels of, Scratch scratch, int first, int last, int panel, int count) {
        int width = count * PANEL;
        scratch.sums = LaneScratch.fit(scratch.sums, (last - first) * width);
        int atOnce = of.type() == WeightType.INT8 && of.words().hasArray() ? count : 1;
        for (int from = 0; from < of.inputs(); from += of.chunk()) {
            for (int i = 0; i < count; i += atOnce) {
                int[] w = take(of, scratch, panel + i, from);
                int start = start(of, panel + i, from);
                for (int row = first; row < last; row++) {
                    addRow(of, row, w, start, atOnce, from, scratch.sums, (row - first) * width + i * PANEL);
                }
            }
        }
        store(scratch, width, first, last, panel, count);
    }

    private void addRow(CompactPanels of, int row, int[] w, int start, int panelCount, int from, float[] sums, int to) {
        int at = row * stride + from;
        int inputs = of.inputsOfChunk(from);
        for (int lane = 0; lane < PANEL / 4; lane += LANES) {
            if (of.type() == WeightType.INT8) {
                CompactLoops.bytes(x, at, w, start + lane, panelCount, inputs, sums, to + lane);
            } else {
                CompactLoops.halves(x, at, w, start + lane, PANEL, inputs, from == 0, sums, to + lane);
            }
        }
    }

    /** The array in which a chunk of a panel is, from {@link #start} on: the panels' own, or the thread's, into which it is copied. */
    private static int[] take(CompactPanels of, Scratch scratch, int panel, int from) {
        if (of.words().hasArray()) {
            return of.words().array();
        }
        int words = CompactPanels.words(of.type(), of.inputsOfChunk(from));
        if (scratch.words.length < words + CompactPanels.BEYOND) {
            scratch.words = new int[words + CompactPanels.BEYOND];
        }
        of.words().get(of.offset(panel, from), scratch.words, 0, words);
        return scratch.words;
    }

    private static int start(CompactPanels of, int panel, int from) {
        return of.words().hasArray() ? of.offset(panel, from) : 0;
    }

    private void multiplyFloats(CompactPanels of, Scratch scratch, int first, int last, int panel, int count) {
        scratch.sums = LaneScratch.fit(scratch.sums, MOST_ROWS * SUMS);
        scratch.partial = LaneScratch.fit(scratch.partial, MOST_ROWS * SUMS);
        scratch.floats = LaneScratch.fit(scratch.floats, RUN * FLOAT_PANEL);
        for (int i = 0; i < count; i++) {
            for (int from = 0; from < of.inputs(); from += of.chunk()) {
                int[] w = take(of, scratch, panel + i, from);
                int start = start(of, panel + i, from);
                for (int lane = 0; lane < PANEL; lane += FLOAT_PANEL) {
                    if (of.type() == WeightType.INT8) {
                        addGroups(of, scratch, first, last, w, start, lane, i * PANEL + lane);
                    } else {
                        addChunk(of, scratch, first, last, w, start, lane, from, i * PANEL + lane);
                    }
                }
            }
        }
        store(scratch, SUMS, first, last, panel, count);
    }

    /** All groups of int8 weights of 32 outputs of a panel. */
    private void addGroups(
            CompactPanels of, Scratch scratch, int first, int last, int[] w, int start, int lane, int column) {
        for (int from = 0; from < of.inputs(); from += GROUP) {
            int inputs = Math.min(GROUP, of.inputs() - from);
            int words = start + CompactPanels.words(of.type(), from) + lane / 2;
            CompactLoops.expandBytes(scratch.floats, w, words, (inputs + 1) / 2);
            staged.addRun(
                    scratch.partial, column, first, last, from, true, scratch.floats, 0, StagedRows.NOTHING, inputs);
            float[] before = from == 0 ? PanelLoops.ZEROS : scratch.sums;
            CompactLoops.addScaled(
                    scratch.partial,
                    column,
                    last - first,
                    w,
                    words + CompactPanels.wordsOfBytes(inputs),
                    before,
                    from == 0 ? 0 : column,
                    from == 0 ? 0 : SUMS,
                    scratch.sums,
                    column);
        }
    }

    /** A chunk of bfloat16 weights of 32 outputs of a panel. */
    private void addChunk(
            CompactPanels of,
            Scratch scratch,
            int first,
            int last,
            int[] w,
            int start,
            int lane,
            int from,
            int column) {
        float[] sums = from == 0 ? scratch.sums : scratch.partial;
        int end = from + of.inputsOfChunk(from);
        int inputs;
        for (int at = from; at < end; at += inputs) {
            int untilNextRun = PanelLoops.RUN - at % PanelLoops.RUN;
            inputs = Math.min(Math.min(RUN, end - at), untilNextRun);
            CompactLoops.expandHalves(scratch.floats, w, start + (at - from) / 2 * PANEL + lane, inputs);
            boolean fresh = at == from;
            staged.addRun(sums, column, first, last, at, fresh, scratch.floats, 0, StagedRows.NOTHING, inputs);
        }
        for (int row = 0; from > 0 && row < last - first; row++) {
            int at = row * SUMS + column;
            VectorMath.add(scratch.sums, at, sums, at, FLOAT_PANEL);
        }
    }

    private void multiplyHalves(
            CompactPanels of, Scratch scratch, int first, int last, int panel, int count, Workspace workspace) {
        Objects.requireNonNull(library).useOneThread(workspace);
        BfloatPlans plans = scratch.plans;
        if (plans == null) {
            plans = new BfloatPlans();
            scratch.plans = plans;
        }
        int width = count * PANEL;
        int computed = padded(last - first);
        FloatBuffer block = workspace.nativeBlock(computed * width);
        for (int from = 0; from < of.inputs(); from += of.chunk()) {
            int depth = (of.inputsOfChunk(from) + GROUP - 1) / GROUP * GROUP;
            plans.multiply(
                    shape(computed, width, depth, stride, from > 0),
                    pairs.address(((long) first * stride + from) / 2),
                    address(of, scratch, panel, count, from),
                    workspace.nativeAddress());
        }
        scratch.sums = LaneScratch.fit(scratch.sums, computed * width);
        block.get(0, scratch.sums, 0, (last - first) * width);
        store(scratch, width, first, last, panel, count);
    }

    static BfloatPlans.Shape shape(int rows, int columns, int depth, int strideOfRows, boolean adds) {
        return new BfloatPlans.Shape(
                rows, columns, depth, false, false, strideOfRows, BfloatPlans.IN_PANELS, columns, adds);
    }

    /** Address of a chunk of some panels. */
    private static long address(CompactPanels of, Scratch scratch, int panel, int count, int from) {
        int start = of.offset(panel, from);
        if (of.isNative()) {
            return of.address(start);
        }
        int words = count * CompactPanels.words(of.type(), of.inputsOfChunk(from));
        scratch.copied.fit(words).put(0, of.words().array(), start, words);
        return scratch.copied.address(0);
    }

    private void store(Scratch scratch, int distance, int first, int last, int panel, int count) {
        Tensor result = Objects.requireNonNull(out);
        int column = panel * PANEL;
        int width = Math.min(count * PANEL, result.columns() - column);
        scratch.addend = LaneScratch.fit(scratch.addend, count * PANEL);
        PanelTiles.store(
                result.floats(),
                result.offset(first) + column,
                result.rowStride(),
                scratch.sums,
                distance,
                last - first,
                width,
                add ? scratch.addend : null);
    }

    @Override
    public void close() {
        pairs.close();
        for (Scratch scratch : scratches) {
            scratch.close();
        }
    }
}
