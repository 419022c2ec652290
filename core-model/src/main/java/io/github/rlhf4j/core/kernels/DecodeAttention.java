package io.github.rlhf4j.core.kernels;

import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Attention of single rows over cached keys and values, a tile for each row and key-value head. Pages are staged one after the other; the query heads of a group share them. A
 * row's result depends on nothing but its own sequence, to the bit.
 */
final class DecodeAttention implements Parallel.TileBody {
    private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
    private static final int LANES = VectorMath.LANES;
    private static final int PAGE = CacheLayout.PAGE;
    private static final FloatBuffer NONE = FloatBuffer.allocate(0);

    private final Parallel parallel;
    private final Scratch[] scratches;
    private FloatBuffer out = NONE;
    private FloatBuffer in = NONE;
    private FloatBuffer cache = NONE;
    private int outOffset;
    private int outStride;
    private int inOffset;
    private int inStride;
    private int cacheOffset;
    private int cacheStride;
    private CacheLayout layout = new CacheLayout(1, 1, 1, 1, 0);
    private int[] positions = {};
    private int[][] pages = {};

    /** One thread's staged rows. */
    private static final class Scratch {
        float[] queries = {}; // (group, D)
        float[] row = {}; // D: a new key, and an output
        float[] page = {}; // (D, PAGE) keys or (PAGE, D) values, and a vector more
        float[][] scores = {}; // (group, positions)
        float[] sums = {}; // (group, D rounded up)

        void fit(CacheLayout layout, int length) {
            int dim = VectorMath.roundUp(layout.headDim());
            if (queries.length < layout.group() * layout.headDim()) {
                queries = new float[layout.group() * layout.headDim()];
            }
            if (row.length < dim) {
                row = new float[dim];
            }
            if (page.length < layout.headDim() * PAGE + LANES) {
                page = new float[layout.headDim() * PAGE + LANES];
            }
            if (sums.length < layout.group() * dim) {
                sums = new float[layout.group() * dim];
            }
            int room = CacheLayout.pages(length) * PAGE;
            if (scores.length < layout.group() || scores[0].length < room) {
                int capacity = Math.max(room, scores.length == 0 ? 0 : scores[0].length) + 8 * PAGE;
                scores = new float[Math.max(layout.group(), scores.length)][capacity];
            }
        }
    }

    DecodeAttention(Parallel parallel) {
        this.parallel = parallel;
        scratches = new Scratch[parallel.threads()];
        Arrays.setAll(scratches, i -> new Scratch());
    }

    void attend(
            Tensor output, Tensor queryKeyValue, Tensor cached, CacheLayout of, int[] at, int[][] tables, int rows) {
        out = output.floats();
        outOffset = output.offset();
        outStride = output.rowStride();
        in = queryKeyValue.floats();
        inOffset = queryKeyValue.offset();
        inStride = queryKeyValue.rowStride();
        cache = cached.floats();
        cacheOffset = cached.offset();
        cacheStride = cached.rowStride();
        layout = of;
        positions = at;
        pages = tables;
        parallel.forEachTile(Math.multiplyExact(rows, of.keyValueHeads()), this);
    }

    @Override
    public void run(int tile, int worker) {
        int row = tile / layout.keyValueHeads();
        int head = tile % layout.keyValueHeads();
        int length = positions[row] + 1;
        Scratch scratch = scratches[worker];
        scratch.fit(layout, length);
        append(scratch, row, head);
        int group = layout.group();
        int dim = layout.headDim();
        in.get(inOffset + row * inStride + head * group * dim, scratch.queries, 0, group * dim);
        int first = layout.firstVisible(positions[row]);
        score(scratch, row, head, first / PAGE, CacheLayout.pages(length));
        for (int g = 0; g < group; g++) {
            normalize(scratch.scores[g], first, length);
        }
        addValues(scratch, row, head, first / PAGE, CacheLayout.pages(length));
        for (int g = 0; g < group; g++) {
            out.put(
                    outOffset + row * outStride + (head * group + g) * dim,
                    scratch.sums,
                    g * VectorMath.roundUp(dim),
                    dim);
        }
    }

    /** Where the page that holds {@code position} of a row's sequence begins. */
    private int page(int row, int index) {
        return cacheOffset + pages[row][index] * cacheStride;
    }

    private void append(Scratch scratch, int row, int head) {
        int dim = layout.headDim();
        int slot = positions[row] % PAGE;
        int page = page(row, positions[row] / PAGE);
        int key = inOffset + row * inStride + (layout.heads() + head) * dim;
        in.get(key, scratch.row, 0, dim);
        for (int d = 0; d < dim; d++) {
            cache.put(page + layout.keys(head) + d * PAGE + slot, scratch.row[d]);
        }
        in.get(key + layout.keyValueHeads() * dim, scratch.row, 0, dim);
        cache.put(page + layout.values(head) + slot * dim, scratch.row, 0, dim);
    }

    private void score(Scratch scratch, int row, int head, int from, int to) {
        int dim = layout.headDim();
        float scale = (float) layout.scale();
        for (int index = from; index < to; index++) {
            cache.get(page(row, index) + layout.keys(head), scratch.page, 0, dim * PAGE);
            for (int g = 0; g < layout.group(); g++) {
                scorePage(scratch.queries, g * dim, dim, scratch.page, scratch.scores[g], index * PAGE, scale);
            }
        }
    }

    private static void scorePage(float[] query, int at, int dim, float[] keys, float[] scores, int to, float scale) {
        for (int p = 0; p < PAGE; p += 2 * LANES) {
            FloatVector left = FloatVector.zero(SPECIES);
            FloatVector right = FloatVector.zero(SPECIES);
            for (int d = 0; d < dim; d++) {
                FloatVector q = FloatVector.broadcast(SPECIES, query[at + d]);
                left = FloatVector.fromArray(SPECIES, keys, d * PAGE + p).fma(q, left);
                right = FloatVector.fromArray(SPECIES, keys, d * PAGE + p + LANES)
                        .fma(q, right);
            }
            left.mul(scale).intoArray(scores, to + p);
            right.mul(scale).intoArray(scores, to + p + LANES);
        }
    }

    /** Scores of positions {@code first .. length - 1} become their probabilities, those of the others in the same pages 0. */
    private static void normalize(float[] scores, int first, int length) {
        int from = first / PAGE * PAGE;
        int to = CacheLayout.pages(length) * PAGE;
        Arrays.fill(scores, from, first, Float.NEGATIVE_INFINITY);
        Arrays.fill(scores, length, to, Float.NEGATIVE_INFINITY);
        FloatVector highest = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
        for (int i = from; i < to; i += LANES) {
            highest = highest.max(FloatVector.fromArray(SPECIES, scores, i));
        }
        float max = highest.reduceLanes(VectorOperators.MAX);
        FloatVector sum = FloatVector.zero(SPECIES);
        for (int i = from; i < to; i += LANES) {
            FloatVector e =
                    VectorMath.exp(FloatVector.fromArray(SPECIES, scores, i).sub(max));
            e.intoArray(scores, i);
            sum = sum.add(e);
        }
        float factor = 1 / sum.reduceLanes(VectorOperators.ADD);
        for (int i = from; i < to; i += LANES) {
            FloatVector.fromArray(SPECIES, scores, i).mul(factor).intoArray(scores, i);
        }
        Arrays.fill(scores, from, first, 0);
        Arrays.fill(scores, length, to, 0);
    }

    private void addValues(Scratch scratch, int row, int head, int from, int to) {
        int dim = layout.headDim();
        int padded = VectorMath.roundUp(dim);
        Arrays.fill(scratch.sums, 0, layout.group() * padded, 0);
        for (int index = from; index < to; index++) {
            cache.get(page(row, index) + layout.values(head), scratch.page, 0, PAGE * dim);
            int used = Math.min(PAGE, positions[row] + 1 - index * PAGE);
            for (int g = 0; g < layout.group(); g++) {
                addPage(scratch.sums, g * padded, dim, scratch.page, scratch.scores[g], index * PAGE, used);
            }
        }
    }

    /** Lanes beyond D of a last vector hold something of the next position; they are never read. */
    private static void addPage(float[] sums, int at, int dim, float[] values, float[] weights, int from, int used) {
        for (int d = 0; d < dim; d += LANES) {
            FloatVector even = FloatVector.fromArray(SPECIES, sums, at + d);
            FloatVector odd = FloatVector.zero(SPECIES);
            int p = 0;
            for (; p + 1 < used; p += 2) {
                even = FloatVector.fromArray(SPECIES, values, p * dim + d)
                        .fma(FloatVector.broadcast(SPECIES, weights[from + p]), even);
                odd = FloatVector.fromArray(SPECIES, values, (p + 1) * dim + d)
                        .fma(FloatVector.broadcast(SPECIES, weights[from + p + 1]), odd);
            }
            if (p < used) {
                even = FloatVector.fromArray(SPECIES, values, p * dim + d)
                        .fma(FloatVector.broadcast(SPECIES, weights[from + p]), even);
            }
            even.add(odd).intoArray(sums, at + d);
        }
    }
}
