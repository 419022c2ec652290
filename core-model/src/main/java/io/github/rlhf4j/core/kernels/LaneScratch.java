package io.github.rlhf4j.core.kernels;

import java.nio.FloatBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * What one thread needs for attention with a vector of query rows side by side: staged rows, and their transposes with a query in each lane.
 *
 * <p>Letters: l a lane, that is a query row of the vector; d a channel of the head; k a key.
 */
final class LaneScratch {
    private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
    private static final int LANES = VectorMath.LANES;
    /** Ones from the middle on: read at LANES - n, the first n lanes are 0. */
    private static final float[] FROM = new float[2 * LANES];

    /** Ones up to the middle: read at LANES - n, the first n lanes are 1. */
    private static final float[] UPTO = new float[2 * LANES];

    static {
        Arrays.fill(FROM, LANES, 2 * LANES, 1);
        Arrays.fill(UPTO, 0, LANES, 1);
    }

    final KeyWalk walk = new KeyWalk();
    final float[] logs = new float[LANES];
    final float[] highest = new float[LANES];
    final float[] sums = new float[LANES];
    final float[] delta = new float[LANES];
    private final int[] starts = new int[LANES];
    float[] keys = {}; // (k, width)
    float[] values = {}; // (k, width)
    float[] dKeys = {}; // (k, padded width)
    float[] dValues = {}; // (k, padded width)
    float[] queries = {}; // (l, query width)
    float[] outs = {}; // (l, query width), when written (l, room)
    float[] dOuts = {}; // (l, query width)
    float[] dQueries = {}; // (l, room)
    float[] queryLanes = {}; // (d, l)
    float[] dOutLanes = {}; // (d, l)
    float[] weights = {}; // (k, l)
    float[] dWeights = {}; // (k, l)

    static float[] fit(float[] array, int size) {
        return array.length >= size ? array : new float[size + size / 4];
    }

    void fitKeys(int count, int width) {
        int size = LaneProducts.roundUp(count) * width + LaneProducts.GROUP * width + LANES;
        keys = fit(keys, size);
        values = fit(values, size);
    }

    /** Columns from row to row where heads are written one after the other in whole vectors, the last beyond the row's end. */
    static int room(int width, int headDim) {
        return width + VectorMath.roundUp(headDim) - headDim;
    }

    void fitQueries(int width, int headDim) {
        int size = LANES * room(width, headDim) + LANES;
        queries = fit(queries, size);
        outs = fit(outs, size);
        dOuts = fit(dOuts, size);
        queryLanes = fit(queryLanes, headDim * LANES);
        dQueries = fit(dQueries, size);
        dOutLanes = fit(dOutLanes, headDim * LANES);
    }

    /** Stages {@code count} rows of a part of a strided tensor, and zeros for rows up to {@code padded}. */
    static void stage(float[] rows, int row, int width, FloatBuffer source, int at, int stride, int count, int padded) {
        for (int i = 0; i < count; i++) {
            source.get(at + i * stride, rows, (row + i) * width, width);
        }
        Arrays.fill(rows, (row + count) * width, (row + padded) * width, 0);
    }

    /** Where the lanes' rows begin in staged rows of {@code width}. */
    int[] laneStarts(int width) {
        for (int l = 0; l < LANES; l++) {
            starts[l] = l * width;
        }
        return starts;
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
