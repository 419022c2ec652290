package io.github.rlhf4j.core.kernels;

import java.nio.FloatBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * What one thread needs for attention with two vectors of query rows side by side: staged rows, and their transposes with a query in each lane.
 *
 * <p>Letters: l a lane, that is a query row of the vector (of staged rows: of the block); d a channel of the head; k a key.
 */
final class LaneScratch {
    private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
    private static final int LANES = VectorMath.LANES;
    /** Query rows side by side: two vectors of them. */
    static final int BLOCK = 2 * LANES;

    /** Ones from the middle on: read at LANES - n, the first n lanes are 0. */
    private static final float[] FROM = new float[2 * LANES];

    /** Ones up to the middle: read at LANES - n, the first n lanes are 1. */
    private static final float[] UPTO = new float[2 * LANES];

    static {
        Arrays.fill(FROM, LANES, 2 * LANES, 1);
        Arrays.fill(UPTO, 0, LANES, 1);
    }

    final KeyWalk walk = new KeyWalk();
    final Half[] halves = {new Half(), new Half()};
    float[] keys = {}; // (k, width)
    float[] values = {}; // (k, width)
    float[] dKeys = {}; // (k, padded width)
    float[] dValues = {}; // (k, padded width)
    float[] queries = {}; // (l, query width)
    float[] outs = {}; // (l, query width)
    float[] dOuts = {}; // (l, query width)
    float[] dQueries = {}; // (l, query width)

    /** A vector of the block's queries. */
    static final class Half {
        final float[] logs = new float[LANES];
        final float[] highest = new float[LANES];
        final float[] sums = new float[LANES];
        final float[] delta = new float[LANES];
        float[] queryLanes = {}; // (d, l)
        float[] outLanes = {}; // (d, l)
        float[] dOutLanes = {}; // (d, l)
        float[] dQueryLanes = {}; // (d, l)
        float[] weights = {}; // (k, l)
        float[] dWeights = {}; // (k, l)

        private void fitLanes(int size) {
            queryLanes = fit(queryLanes, size);
            outLanes = fit(outLanes, size);
            dOutLanes = fit(dOutLanes, size);
            dQueryLanes = fit(dQueryLanes, size);
        }

        void fitWeights(int keys) {
            weights = fit(weights, keys * LANES);
            dWeights = fit(dWeights, keys * LANES);
        }
    }

    static float[] fit(float[] array, int size) {
        return array.length >= size ? array : new float[size + size / 4];
    }

    void fitKeys(int count, int width) {
        int size = LaneProducts.roundUp(count) * width + LaneProducts.GROUP * width + LANES;
        keys = fit(keys, size);
        values = fit(values, size);
    }

    void fitQueries(int width, int headDim) {
        int size = BLOCK * width + LANES;
        queries = fit(queries, size);
        outs = fit(outs, size);
        dOuts = fit(dOuts, size);
        dQueries = fit(dQueries, size);
        for (Half half : halves) {
            half.fitLanes(headDim * LANES);
        }
    }

    /** Stages {@code count} rows of a part of a strided tensor, and zeros for rows up to {@code padded}. */
    static void stage(float[] rows, int row, int width, FloatBuffer source, int at, int stride, int count, int padded) {
        for (int i = 0; i < count; i++) {
            source.get(at + i * stride, rows, (row + i) * width, width);
        }
        Arrays.fill(rows, (row + count) * width, (row + padded) * width, 0);
    }

    /** {@code lanes (d, l) = rows (l, from + d) * factor}, where {@code from} is in the vector's first row. */
    static void toLanes(float[] lanes, float[] rows, int from, int width, int headDim, float factor) {
        for (int l = 0; l < LANES; l++) {
            for (int d = 0; d < headDim; d++) {
                lanes[d * LANES + l] = rows[from + l * width + d] * factor;
            }
        }
    }

    /** {@code rows (l, to + d) = lanes (d, l)}. */
    static void toRows(float[] rows, int to, int width, float[] lanes, int headDim) {
        for (int l = 0; l < LANES; l++) {
            for (int d = 0; d < headDim; d++) {
                rows[to + l * width + d] = lanes[d * LANES + l];
            }
        }
    }

    /** How far a layout's rows look back, {@link #visible}'s way: a distance longer than any sequence for all. */
    static int window(AttentionLayout layout) {
        return layout.window() == 0 ? 1 << 30 : layout.window();
    }

    /**
     * 1 in the lanes whose query sees a key, 0 in the others. Small enough (35 bytes of code) to be inlined wherever it is called, so the vector is not allocated.
     *
     * @param ahead the key's position less the first lane's
     */
    static FloatVector visible(int ahead, int window) {
        return FloatVector.fromArray(SPECIES, FROM, beyond(ahead))
                .mul(FloatVector.fromArray(SPECIES, UPTO, beyond(ahead + window)));
    }

    private static int beyond(int lanes) {
        return LANES - Math.max(0, Math.min(LANES, lanes));
    }
}
