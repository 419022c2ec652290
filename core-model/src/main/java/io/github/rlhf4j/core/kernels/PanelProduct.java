package io.github.rlhf4j.core.kernels;

import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products with weights in panels ({@link Kernels#pack}), a tile a panel: the lanes of a vector are neighbouring outputs, so an element is summed over the inputs in their order whatever the other
 * rows are. Panels are staged a run of inputs at a time; four rows share each load.
 */
final class PanelProduct implements Parallel.TileBody {
    private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
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
                for (; row + 3 < last; row += 4) {
                    fourRows(x, row * depth + from, depth, w, lane, count, sums, row * PANEL + lane);
                }
                for (; row < last; row++) {
                    oneRow(x, row * depth + from, w, lane, count, sums, row * PANEL + lane);
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

    private static void oneRow(float[] x, int at, float[] w, int lane, int count, float[] sums, int to) {
        FloatVector left = FloatVector.fromArray(SPECIES, sums, to);
        FloatVector right = FloatVector.fromArray(SPECIES, sums, to + LANES);
        for (int k = 0; k < count; k++) {
            FloatVector v = FloatVector.broadcast(SPECIES, x[at + k]);
            left = FloatVector.fromArray(SPECIES, w, k * PANEL + lane).fma(v, left);
            right = FloatVector.fromArray(SPECIES, w, k * PANEL + lane + LANES).fma(v, right);
        }
        left.intoArray(sums, to);
        right.intoArray(sums, to + LANES);
    }

    private static void fourRows(float[] x, int at, int depth, float[] w, int lane, int count, float[] sums, int to) {
        FloatVector left0 = FloatVector.fromArray(SPECIES, sums, to);
        FloatVector right0 = FloatVector.fromArray(SPECIES, sums, to + LANES);
        FloatVector left1 = FloatVector.fromArray(SPECIES, sums, to + PANEL);
        FloatVector right1 = FloatVector.fromArray(SPECIES, sums, to + PANEL + LANES);
        FloatVector left2 = FloatVector.fromArray(SPECIES, sums, to + 2 * PANEL);
        FloatVector right2 = FloatVector.fromArray(SPECIES, sums, to + 2 * PANEL + LANES);
        FloatVector left3 = FloatVector.fromArray(SPECIES, sums, to + 3 * PANEL);
        FloatVector right3 = FloatVector.fromArray(SPECIES, sums, to + 3 * PANEL + LANES);
        for (int k = 0; k < count; k++) {
            FloatVector left = FloatVector.fromArray(SPECIES, w, k * PANEL + lane);
            FloatVector right = FloatVector.fromArray(SPECIES, w, k * PANEL + lane + LANES);
            FloatVector v0 = FloatVector.broadcast(SPECIES, x[at + k]);
            left0 = left.fma(v0, left0);
            right0 = right.fma(v0, right0);
            FloatVector v1 = FloatVector.broadcast(SPECIES, x[at + depth + k]);
            left1 = left.fma(v1, left1);
            right1 = right.fma(v1, right1);
            FloatVector v2 = FloatVector.broadcast(SPECIES, x[at + 2 * depth + k]);
            left2 = left.fma(v2, left2);
            right2 = right.fma(v2, right2);
            FloatVector v3 = FloatVector.broadcast(SPECIES, x[at + 3 * depth + k]);
            left3 = left.fma(v3, left3);
            right3 = right.fma(v3, right3);
        }
        left0.intoArray(sums, to);
        right0.intoArray(sums, to + LANES);
        left1.intoArray(sums, to + PANEL);
        right1.intoArray(sums, to + PANEL + LANES);
        left2.intoArray(sums, to + 2 * PANEL);
        right2.intoArray(sums, to + 2 * PANEL + LANES);
        left3.intoArray(sums, to + 3 * PANEL);
        right3.intoArray(sums, to + 3 * PANEL + LANES);
    }
}
