package io.github.rlhf4j.core.kernels;

import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Products with weights in panels ({@link Kernels#pack}), a tile a panel: the lanes of a vector are neighbouring outputs, so an element is summed over the inputs in their order whatever the other
 * rows are. Panels are staged a run of inputs at a time; four or eight rows share each load.
 */
final class PanelProduct implements Parallel.TileBody {
    private static final int LANES = VectorMath.LANES;
    private static final int PANEL = Kernels.PANEL;
    /** Inputs staged at a time: 16 KiB of weights. */
    private static final int RUN = 128;

    /** Rows computed together: their inputs stay in the cache. */
    private static final int MOST_ROWS = 64;

    private static final FloatBuffer NONE = FloatBuffer.allocate(0);

    private final Parallel parallel;
    private final float[][] staged; // for each thread: (RUN, PANEL)
    private final float[][] results; // for each thread: (rows, PANEL)
    private float[] x = {}; // (rows, depth)
    private FloatBuffer out = NONE;
    private FloatBuffer panels = NONE;
    private int outOffset;
    private int outStride;
    private int panelOffset;
    private int panelStride;
    private int rows;
    private int columns;
    private int depth;
    private boolean add;

    PanelProduct(Parallel parallel) {
        this.parallel = parallel;
        staged = new float[parallel.threads()][RUN * PANEL];
        results = new float[parallel.threads()][0];
    }

    void multiply(Tensor product, Tensor in, Tensor packed, boolean adding) {
        rows = product.rows();
        columns = product.columns();
        depth = in.columns();
        out = product.floats();
        outOffset = product.offset();
        outStride = product.rowStride();
        panels = packed.floats();
        panelOffset = packed.offset();
        panelStride = packed.rowStride();
        add = adding;
        if (x.length < rows * depth) {
            x = new float[rows * depth];
        }
        for (int row = 0; row < rows; row++) {
            in.floats().get(in.offset(row), x, row * depth, depth);
        }
        parallel.forEachTile(packed.rows(), this);
    }

    @Override
    public void run(int tile, int worker) {
        if (results[worker].length < rows * PANEL) {
            results[worker] = new float[rows * PANEL];
        }
        float[] sums = results[worker];
        Arrays.fill(sums, 0, rows * PANEL, 0);
        for (int first = 0; first < rows; first += MOST_ROWS) {
            addRows(first, Math.min(rows, first + MOST_ROWS), tile, staged[worker], sums);
        }
        store(sums, tile * PANEL, Math.min(PANEL, columns - tile * PANEL));
    }

    private void addRows(int first, int last, int tile, float[] w, float[] sums) {
        for (int from = 0; from < depth; from += RUN) {
            int count = Math.min(RUN, depth - from);
            panels.get(panelOffset + tile * panelStride + from * PANEL, w, 0, count * PANEL);
            for (int lane = 0; lane < PANEL; lane += 2 * LANES) {
                int row = first;
                for (; LANES == PANEL / 2 && row + 7 < last; row += 8) {
                    PanelLoops.eightRows(x, row * depth + from, depth, w, count, sums, row * PANEL);
                }
                for (; row + 3 < last; row += 4) {
                    PanelLoops.fourRows(x, row * depth + from, depth, w, lane, count, sums, row * PANEL + lane);
                }
                for (; row < last; row++) {
                    PanelLoops.oneRow(x, row * depth + from, w, lane, count, sums, row * PANEL + lane);
                }
            }
        }
    }

    private void store(float[] sums, int first, int width) {
        for (int row = 0; row < rows; row++) {
            int at = outOffset + row * outStride + first;
            if (add) {
                for (int j = 0; j < width; j++) {
                    sums[row * PANEL + j] += out.get(at + j);
                }
            }
            out.put(at, sums, row * PANEL, width);
        }
    }
}
