package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.kernels.Kernels;
import java.nio.FloatBuffer;

/** Rows of inputs as {@link PanelLoops} take them: those that are computed together lie side by side, {@link PanelLoops#RUN} inputs of each. */
final class StagedRows {
    private static final int RUN = PanelLoops.RUN;
    private static final int STRIDE = PanelLoops.STRIDE;

    /** Rows computed together, as many as there are registers for. */
    static final int TOGETHER = VectorMath.LANES == Kernels.PANEL / 2 ? 8 : 4;

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
}
