package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.kernels.Kernels;
import java.nio.FloatBuffer;

/** Rows of inputs as {@link PanelLoops} take them: those that are computed together lie side by side, {@link PanelLoops#RUN} inputs of each. */
final class StagedRows {
    private static final int PANEL = Kernels.PANEL;
    private static final int SUMS = PanelLoops.SUMS;
    private static final int RUN = PanelLoops.RUN;
    private static final int STRIDE = PanelLoops.STRIDE;

    /** No weights to be touched. */
    static final int NOTHING = -1;

    /** Rows computed together, as many as there are registers for. */
    static final int TOGETHER = VectorMath.LANES == PANEL / 2 ? 8 : 4;

    private float[] values = {}; // of rows that are computed together: (depth / RUN, rows together, STRIDE)
    private int depth;
    private int room; // of a row

    /** Makes room for so many rows of so many inputs. */
    void fit(int rows, int inputs) {
        depth = inputs;
        room = (depth + RUN - 1) / RUN * STRIDE;
        values = LaneScratch.fit(values, rows * room);
    }

    float[] values() {
        return values;
    }

    /** Takes rows {@code first .. last - 1}. */
    void stage(FloatBuffer in, int offset, int stride, int first, int last) {
        int count;
        for (int row = first; row < last; row += count) {
            count = together(row, last);
            for (int i = 0; i < count; i++) {
                for (int from = 0; from < depth; from += RUN) {
                    int inputs = Math.min(RUN, depth - from);
                    in.get(offset + (row + i) * stride + from, values, start(row, count, from) + i * STRIDE, inputs);
                }
            }
        }
    }

    /** Where the inputs from {@code from} on begin of {@code count} rows from {@code row} on that are computed together. */
    int start(int row, int count, int from) {
        return row * room + from / RUN * count * STRIDE + from % RUN;
    }

    /** How many rows are computed together from {@code row} on. */
    static int together(int row, int last) {
        int left = last - row;
        return left >= TOGETHER ? TOGETHER : left >= 4 ? 4 : 1;
    }

    /**
     * Adds rows times a run of inputs of a panel of 32 outputs to their sums.
     *
     * @param sums of row {@code first} from {@code column} on, {@link PanelLoops#SUMS} from row to row
     * @param from the first of the inputs
     * @param fresh whether there are no sums before
     * @param start of the run's weights in {@code w}
     * @param next where those begin that follow, of as many inputs, to be touched meanwhile: a half by the first eight rows, the other by the next, if there are; or {@link #NOTHING}
     */
    void addRun(
            float[] sums,
            int column,
            int first,
            int last,
            int from,
            boolean fresh,
            float[] w,
            int start,
            int next,
            int inputs) {
        float[] before = fresh ? PanelLoops.ZEROS : sums;
        int distance = fresh ? 0 : SUMS;
        int half = inputs * PANEL / 2;
        for (int lane = 0; lane < PANEL; lane += 2 * VectorMath.LANES) {
            int together;
            for (int row = first; row < last; row += together) {
                together = together(row, last);
                int at = start(row, together, from);
                int sum = (row - first) * SUMS + column + lane;
                int begin = fresh ? 0 : sum;
                if (together == 8 && next != NOTHING && row < first + 16) {
                    int ahead = row == first ? next : next + half;
                    PanelLoops.eightRowsTouching(
                            values, at, w, start, ahead, inputs, before, begin, distance, sums, sum);
                    continue;
                }
                switch (together) {
                    case 8 -> PanelLoops.eightRows(values, at, w, start, inputs, before, begin, distance, sums, sum);
                    case 4 ->
                        PanelLoops.fourRows(values, at, w, start + lane, inputs, before, begin, distance, sums, sum);
                    default -> PanelLoops.oneRow(values, at, w, start + lane, inputs, before, begin, sums, sum);
                }
            }
        }
    }
}
