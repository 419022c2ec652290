package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.tensor.CompactPanels;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import org.jspecify.annotations.Nullable;

/** Whether oneDNN multiplies panels of bfloat16 in the order of {@link CompactLoops} on this processor: inputs one after the other, whatever the rows, then added to what was there. */
final class BfloatOrder {
    private static final int PANEL = CompactPanels.PANEL;
    private static final int LONGEST = CompactPanels.LONGEST_CHUNK;
    private static final int GROUP = CompactPanels.GROUP;
    private static final int ROWS = PanelTiles.MOST_ROWS;
    private static final int COLUMNS = CompactPanelProduct.PANELS_OF_HALVES * PANEL;

    /** Some of the numbers of rows that are multiplied: oneDNN compiles each, which takes most of the time. */
    private static final int[] COUNTS = {1, 2, 4, 8, 16, 24, 40, ROWS};

    /** From row to row of inputs: not those of a chunk alone. */
    private static final int STRIDE = LONGEST + GROUP;

    /** Different numbers: a prime, so that no two rows or columns are the same. */
    private static final int DRAWN = 4093;

    /** From column to column of those that are compared. */
    private static final int STEP = 149;

    private static @Nullable Boolean found;

    private BfloatOrder() {}

    /** Finds it when it is first asked, in three tenths of a second. */
    static synchronized boolean isOurs(OneDnn library) {
        Boolean known = found;
        if (known == null) {
            known = BfloatPlans.areFast() && isChecked(library);
            found = known;
        }
        return known;
    }

    private static boolean isChecked(OneDnn library) {
        float[] x = random(1, ROWS * STRIDE);
        float[] w = random(2, LONGEST * COLUMNS); // (inputs, columns)
        float[] before = random(3, ROWS * COLUMNS);
        int[] rows = new int[x.length / 2];
        CompactLoops.toPairs(x, 0, x.length, rows);
        try (NativeWords a = new NativeWords();
                NativeWords b = new NativeWords();
                Workspace workspace = new Workspace();
                BfloatPlans plans = new BfloatPlans()) {
            library.useOneThread(workspace);
            a.fit(rows.length).put(0, rows);
            for (int depth = GROUP; depth <= LONGEST; depth += GROUP) {
                float[] expected = sums(x, w, depth);
                putPanels(b.fit(LONGEST / 2 * COLUMNS), w, depth);
                for (int i = 0; i < COUNTS.length; i++) {
                    int columns = (i + depth / GROUP) % 2 == 0 ? COLUMNS : PANEL;
                    boolean adds = i / 2 % 2 == 0;
                    if (!isRight(plans, a, b, workspace, COUNTS[i], columns, depth, adds, before, expected)) {
                        return false;
                    }
                }
            }
            return true;
        }
    }

    private static boolean isRight(
            BfloatPlans plans,
            NativeWords a,
            NativeWords b,
            Workspace workspace,
            int rows,
            int columns,
            int depth,
            boolean adds,
            float[] before,
            float[] expected) {
        FloatBuffer block = workspace.nativeBlock(rows * columns);
        block.put(0, before, 0, rows * columns);
        plans.multiply(
                CompactPanelProduct.shape(rows, columns, depth, STRIDE, adds),
                a.address(0),
                b.address(0),
                workspace.nativeAddress());
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column += STEP) {
                int at = row * columns + column;
                float sum = expected[row * COLUMNS + column];
                if (block.get(at) != (adds ? before[at] + sum : sum)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Of the columns that are compared. */
    private static float[] sums(float[] x, float[] w, int depth) {
        float[] sums = new float[ROWS * COLUMNS];
        for (int row = 0; row < ROWS; row++) {
            for (int column = 0; column < COLUMNS; column += STEP) {
                float sum = 0;
                for (int k = 0; k < depth; k++) {
                    sum = Math.fma(x[row * STRIDE + k], w[k * COLUMNS + column], sum);
                }
                sums[row * COLUMNS + column] = sum;
            }
        }
        return sums;
    }

    private static void putPanels(IntBuffer words, float[] w, int depth) {
        for (int column = 0; column < COLUMNS; column++) {
            int panel = column / PANEL * (depth / 2 * PANEL);
            for (int k = 0; k < depth; k += 2) {
                int high = Float.floatToRawIntBits(w[k * COLUMNS + column]);
                int low = Float.floatToRawIntBits(w[(k + 1) * COLUMNS + column]) >>> 16;
                words.put(panel + k / 2 * PANEL + column % PANEL, high | low);
            }
        }
    }

    private static float[] random(int key, int count) {
        CounterRandom random = CounterRandom.of(key);
        float[] drawn = new float[DRAWN];
        for (int i = 0; i < DRAWN; i++) {
            drawn[i] = (float) random.gaussian(i);
        }
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = drawn[i % DRAWN];
        }
        CompactLoops.round(values, 0, count);
        return values;
    }
}
