package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.kernels.AttentionLayout;
import io.github.rlhf4j.core.kernels.KeyWalk;
import java.nio.FloatBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * What one thread needs for attention with two vectors of query rows side by side: staged rows, and their transposes with a query in each lane.
 *
 * <p>Letters: l a lane, that is a query row of the block; d a channel of the head; k a key. Rows of keys and values are {@link LaneProducts#ROW} apart, rows of lanes {@link LaneProducts#BLOCK}. Results have each
 * head's channels padded to whole vectors.
 */
final class LaneScratch {
    private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
    private static final int LANES = VectorMath.LANES;
    private static final int ROW = LaneProducts.ROW;
    private static final int BLOCK = LaneProducts.BLOCK;

    /** Ones from the middle on: read at LANES - n, the first n lanes are 0. */
    private static final float[] FROM = new float[2 * LANES];

    /** Ones up to the middle: read at LANES - n, the first n lanes are 1. */
    private static final float[] UPTO = new float[2 * LANES];

    static {
        Arrays.fill(FROM, LANES, 2 * LANES, 1);
        Arrays.fill(UPTO, 0, LANES, 1);
    }

    final KeyWalk walk = new KeyWalk();
    final float[] logs = new float[BLOCK];
    final float[] highest = new float[BLOCK];
    final float[] sums = new float[BLOCK];
    final float[] delta = new float[BLOCK];
    float[] keys = {}; // (k, ROW)
    float[] values = {}; // (k, ROW)
    float[] dKeys = {}; // (k, padded width)
    float[] dValues = {}; // (k, padded width)
    float[] queries = {}; // (l, query width)
    float[] dOuts = {}; // (l, query width)
    float[] outs = {}; // (l, query width), in the forward pass padded
    float[] dQueries = {}; // (l, padded query width)
    float[] queryLanes = {}; // (d, l)
    float[] dOutLanes = {}; // (d, l)
    float[] weights = {}; // (k, l)
    float[] dWeights = {}; // (k, l)

    static float[] fit(float[] array, int size) {
        return array.length >= size ? array : new float[size + size / 4];
    }

    void fitKeys(int count) {
        int size = (LaneProducts.roundUp(count) + LaneProducts.GROUP) * ROW + LANES;
        keys = fit(keys, size);
        values = fit(values, size);
    }

    void fitQueries(int heads, int headDim) {
        int size = BLOCK * heads * VectorMath.roundUp(headDim) + LANES;
        queries = fit(queries, size);
        outs = fit(outs, size);
        dOuts = fit(dOuts, size);
        dQueries = fit(dQueries, size);
        queryLanes = fit(queryLanes, headDim * BLOCK);
        dOutLanes = fit(dOutLanes, headDim * BLOCK);
    }

    void fitWeights(int keys) {
        weights = fit(weights, keys * BLOCK);
        dWeights = fit(dWeights, keys * BLOCK);
    }

    /** Stages the first {@code width} columns of {@code count} rows of a strided tensor, and zeros for the rows up to {@code padded}. */
    static void stage(
            float[] rows,
            int row,
            int distance,
            FloatBuffer source,
            int at,
            int stride,
            int width,
            int count,
            int padded) {
        for (int i = 0; i < count; i++) {
            source.get(at + i * stride, rows, (row + i) * distance, width);
        }
        Arrays.fill(rows, (row + count) * distance, (row + padded) * distance, 0);
    }

    /** Puts {@code count} heads that lie padded in {@code row} side by side, there and in a tensor. */
    static void put(FloatBuffer out, int at, float[] row, int from, int count, int headDim) {
        int padded = VectorMath.roundUp(headDim);
        if (padded != headDim) {
            for (int head = 1; head < count; head++) {
                System.arraycopy(row, from + head * padded, row, from + head * headDim, headDim);
            }
        }
        out.put(at, row, from, count * headDim);
    }

    /** {@code lanes (d, half + l) = rows (l, from + d) * factor} for a vector of lanes, where {@code from} is in its first row. */
    static void toLanes(float[] lanes, int half, float[] rows, int from, int width, int headDim, float factor) {
        for (int l = 0; l < LANES; l++) {
            for (int d = 0; d < headDim; d++) {
                lanes[d * BLOCK + half + l] = rows[from + l * width + d] * factor;
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
