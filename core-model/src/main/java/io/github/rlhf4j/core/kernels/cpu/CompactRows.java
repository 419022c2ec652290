package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.kernels.Shapes;
import io.github.rlhf4j.core.tensor.CompactMatrix;
import io.github.rlhf4j.core.tensor.Tensor;
import io.github.rlhf4j.core.tensor.WeightType;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/** Rows of a {@link CompactMatrix} as floats, all of them or some: a piece of a row at a time, which stays in the first-level cache. */
final class CompactRows implements Parallel.TileBody {
    private static final int RUN = CompactMatrix.RUN;
    private static final int RUNS_AT_ONCE = 64; // 4 KiB of words, 8 or 16 KiB of floats
    private static final long ELEMENTS_OF_TILE = 1 << 16;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final int LANES = INTS.length();

    private final Parallel parallel;
    private final Scratch[] scratches;
    private @Nullable Tensor out;
    private @Nullable CompactMatrix matrix;
    private int @Nullable [] picks; // null: all rows
    private int firstPick;
    private int count;
    private int rowsOfTile;

    /** One thread's. */
    private static final class Scratch {
        final int[] words = new int[RUNS_AT_ONCE * RUN];
        final float[] scales = new float[RUNS_AT_ONCE];
        final float[] values = new float[4 * RUNS_AT_ONCE * RUN];
    }

    CompactRows(Parallel parallel) {
        this.parallel = parallel;
        scratches = new Scratch[parallel.threads()];
        Arrays.setAll(scratches, i -> new Scratch());
    }

    /** @param newPicks the rows that are wanted, from {@code first} on; null for all */
    void expand(Tensor to, CompactMatrix from, int @Nullable [] newPicks, int first, int picked) {
        Shapes.check(to, picked, from.columns(), "out");
        for (int i = first; newPicks != null && i < first + picked; i++) {
            if (newPicks[i] < 0 || newPicks[i] >= from.rows()) {
                throw new IndexOutOfBoundsException("row " + newPicks[i] + " of " + from);
            }
        }
        out = to;
        matrix = from;
        picks = newPicks;
        firstPick = first;
        count = picked;
        rowsOfTile = (int) Math.max(1, ELEMENTS_OF_TILE / Math.max(1, from.columns()));
        parallel.forEachTile((count + rowsOfTile - 1) / rowsOfTile, this);
    }

    @Override
    public void run(int tile, int worker) {
        Tensor to = out;
        CompactMatrix from = matrix;
        if (to == null || from == null) {
            throw new IllegalStateException("no matrix");
        }
        for (int i = tile * rowsOfTile; i < Math.min(count, (tile + 1) * rowsOfTile); i++) {
            int[] chosen = picks;
            expandRow(to, i, from, chosen == null ? i : chosen[firstPick + i], scratches[worker]);
        }
    }

    private static void expandRow(Tensor to, int row, CompactMatrix from, int source, Scratch scratch) {
        boolean bytes = from.type() == WeightType.INT8;
        int ofRun = from.elementsOfRun();
        int runs = from.wordsOfRow() / RUN;
        for (int run = 0; run < runs; run += RUNS_AT_ONCE) {
            int now = Math.min(RUNS_AT_ONCE, runs - run);
            from.words().get(from.wordOffset(source) + run * RUN, scratch.words, 0, now * RUN);
            if (bytes) {
                from.scales().get(from.scaleOffset(source) + run, scratch.scales, 0, now);
                bytes(scratch.values, scratch.words, scratch.scales, now);
            } else {
                halves(scratch.values, scratch.words, now);
            }
            int first = run * ofRun;
            to.floats().put(to.offset(row) + first, scratch.values, 0, Math.min(now * ofRun, from.columns() - first));
        }
    }

    private static void halves(float[] values, int[] words, int runs) {
        for (int run = 0; run < runs; run++) {
            int at = 2 * run * RUN;
            for (int j = 0; j < RUN; j += LANES) {
                IntVector both = IntVector.fromArray(INTS, words, run * RUN + j);
                both.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().intoArray(values, at + j);
                both.lanewise(VectorOperators.AND, 0xFFFF0000)
                        .reinterpretAsFloats()
                        .intoArray(values, at + RUN + j);
            }
        }
    }

    private static void bytes(float[] values, int[] words, float[] scales, int runs) {
        for (int run = 0; run < runs; run++) {
            int at = 4 * run * RUN;
            float scale = scales[run];
            for (int j = 0; j < RUN; j += LANES) {
                IntVector four = IntVector.fromArray(INTS, words, run * RUN + j);
                put(four.lanewise(VectorOperators.LSHL, 24), scale, values, at + j);
                put(four.lanewise(VectorOperators.LSHL, 16), scale, values, at + RUN + j);
                put(four.lanewise(VectorOperators.LSHL, 8), scale, values, at + 2 * RUN + j);
                put(four, scale, values, at + 3 * RUN + j);
            }
        }
    }

    private static void put(IntVector highest, float scale, float[] values, int at) {
        ((FloatVector) highest.lanewise(VectorOperators.ASHR, 24).convert(VectorOperators.I2F, 0))
                .mul(scale)
                .intoArray(values, at);
    }
}
