package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.kernels.CacheLayout;
import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Attention of single rows over cached keys and values, a tile for each row, or a few neighbouring rows of one sequence, and some neighbouring key-value heads. A cache on the heap is read where it is. Of one in native memory each page is staged
 * in one run, since keys and values lie together in it, as many heads of it as the second-level cache holds. A row's result depends on nothing but its own sequence, to the bit.
 */
final class DecodeAttention implements Parallel.TileBody {
    private static final int PAGE = CacheLayout.PAGE;
    private static final int TOGETHER = DecodeLoops.TOGETHER;
    private static final FloatBuffer NONE = FloatBuffer.allocate(0);

    private static final int ENOUGH_TILES = 8;
    /** Rows of one sequence whose pages are staged once. */
    private static final int ROWS = 8;
    /** Elements of staged pages: half a MiB. */
    private static final int STAGED = 1 << 17;

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
    private int headsTogether = 1;
    private int[] firstRows = new int[2]; // of each run of rows, and the end
    private int runs;

    /** One thread's staged rows. Heads are those of a tile. */
    private static final class Scratch {
        float[] queries = {}; // (heads, D)
        float[] row = {}; // D: a new key or value
        float[] staged = {}; // page after page, key-value head after key-value head: (D, PAGE) keys, (PAGE, D) values;
        // and a vector more
        int[] starts = {}; // of the pages, in the staged ones or in the cache
        float[] scores = {}; // of one head, of all staged pages
        float[] outs = {}; // (heads, D rounded up)

        void fit(CacheLayout layout, int keyValueHeads, int count, boolean staging) {
            int heads = keyValueHeads * layout.group();
            int dim = VectorMath.roundUp(layout.headDim());
            queries = LaneScratch.fit(queries, heads * layout.headDim());
            row = LaneScratch.fit(row, dim);
            if (staging) {
                staged = LaneScratch.fit(staged, count * layout.size(keyValueHeads) + VectorMath.LANES);
            }
            if (starts.length < count) {
                starts = new int[2 * count];
            }
            scores = LaneScratch.fit(scores, roundUp(count) * PAGE);
            outs = LaneScratch.fit(outs, heads * dim);
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
        divide(rows);
        headsTogether = headsTogether(rows);
        parallel.forEachTile(Math.multiplyExact(runs, of.keyValueHeads() / headsTogether), this);
    }

    /** Into runs of neighbouring positions of one sequence; results do not depend on it. */
    private void divide(int rows) {
        if (firstRows.length <= rows) {
            firstRows = new int[2 * rows + 1];
        }
        runs = 0;
        for (int row = 0; row < rows; row++) {
            boolean goesOn = row > 0
                    && pages[row] == pages[row - 1]
                    && positions[row] == positions[row - 1] + 1
                    && row - firstRows[runs - 1] < ROWS;
            if (!goesOn) {
                firstRows[runs++] = row;
            }
        }
        firstRows[runs] = rows;
    }

    /** As many as leave enough tiles and fit the cache; results do not depend on it. */
    private int headsTogether(int rows) {
        int longest = 0;
        for (int row = 0; row < rows; row++) {
            longest = Math.max(longest, positions[row] + 1);
        }
        int all = layout.keyValueHeads();
        int most = Math.max(1, STAGED / (CacheLayout.pages(longest) * layout.size(1)));
        int together = 1;
        for (int heads = 2; heads <= Math.min(all, most); heads++) {
            if (all % heads == 0 && runs * (all / heads) >= ENOUGH_TILES) {
                together = heads;
            }
        }
        return together;
    }

    @Override
    public void run(int tile, int worker) {
        int parts = layout.keyValueHeads() / headsTogether;
        int row = firstRows[tile / parts];
        int end = firstRows[tile / parts + 1];
        int first = tile % parts * headsTogether;
        int firstPage = layout.firstVisible(positions[row]) / PAGE;
        int count = positions[end - 1] / PAGE + 1 - firstPage;
        Scratch scratch = scratches[worker];
        scratch.fit(layout, headsTogether, count, !cache.hasArray());
        for (int each = row; each < end; each++) {
            for (int head = first; head < first + headsTogether; head++) {
                append(scratch, each, head);
            }
        }
        int size = layout.size(headsTogether);
        for (int page = 0; page < count; page++) {
            int at = cacheOffset + pages[row][firstPage + page] * cacheStride + layout.keys(first);
            if (cache.hasArray()) {
                scratch.starts[page] = at;
            } else {
                scratch.starts[page] = page * size;
                cache.get(at, scratch.staged, page * size, size);
            }
        }
        for (int each = row; each < end; each++) {
            int skipped = layout.firstVisible(positions[each]) / PAGE - firstPage;
            if (skipped > 0) { // the window has moved on by a page
                System.arraycopy(scratch.starts, skipped, scratch.starts, 0, count - skipped);
                count -= skipped;
                firstPage += skipped;
            }
            attend(scratch, each, first, firstPage);
        }
    }

    /** A row, whose pages are staged from {@code firstPage} on. */
    private void attend(Scratch scratch, int row, int firstHead, int firstPage) {
        int dim = layout.headDim();
        int heads = headsTogether * layout.group();
        int column = firstHead * layout.group() * dim;
        in.get(inOffset + row * inStride + column, scratch.queries, 0, heads * dim);
        Arrays.fill(scratch.outs, 0, heads * VectorMath.roundUp(dim), 0);
        int start = firstPage * PAGE;
        int count = positions[row] / PAGE + 1 - firstPage;
        int from = layout.firstVisible(positions[row]) - start;
        for (int head = 0; head < heads; head++) {
            attend(scratch, head, count, from, positions[row] + 1 - start);
            out.put(
                    outOffset + row * outStride + column + head * dim,
                    scratch.outs,
                    head * VectorMath.roundUp(dim),
                    dim);
        }
    }

    private void append(Scratch scratch, int row, int head) {
        int dim = layout.headDim();
        int slot = positions[row] % PAGE;
        int page = cacheOffset + pages[row][positions[row] / PAGE] * cacheStride;
        int key = inOffset + row * inStride + (layout.heads() + head) * dim;
        in.get(key, scratch.row, 0, dim);
        for (int d = 0; d < dim; d++) {
            cache.put(page + layout.keys(head) + d * PAGE + slot, scratch.row[d]);
        }
        in.get(key + layout.keyValueHeads() * dim, scratch.row, 0, dim);
        cache.put(page + layout.values(head) + slot * dim, scratch.row, 0, dim);
    }

    /** One head; it sees the staged positions {@code from .. to - 1}. */
    private void attend(Scratch scratch, int head, int count, int from, int to) {
        int dim = layout.headDim();
        float[] source = cache.hasArray() ? cache.array() : scratch.staged;
        int keys = layout.keys(head / layout.group());
        int values = layout.values(head / layout.group());
        float[] scores = scratch.scores;
        float scale = (float) layout.scale();
        for (int page = 0; page < count; page += TOGETHER) {
            if (page + 1 < count) {
                DecodeLoops.scoreFour(
                        scores,
                        page * PAGE,
                        scratch.queries,
                        head * dim,
                        dim,
                        source,
                        scratch.starts,
                        page,
                        count - 1,
                        keys,
                        scale);
            } else {
                int start = scratch.starts[page] + keys;
                DecodeLoops.score(scores, page * PAGE, scratch.queries, head * dim, dim, source, start, scale);
            }
        }
        Arrays.fill(scores, 0, from, Float.NEGATIVE_INFINITY);
        Arrays.fill(scores, to, count * PAGE, Float.NEGATIVE_INFINITY);
        float max = VectorMath.max(scores, count * PAGE);
        double sum = VectorMath.expAndSum(scores, scores, count * PAGE, max, 1);
        VectorMath.scale(scores, count * PAGE, (float) (1 / sum));
        Arrays.fill(scores, 0, from, 0);
        int at = head * VectorMath.roundUp(dim);
        int whole = to / PAGE;
        if (whole < count) {
            int start = scratch.starts[whole] + values;
            DecodeLoops.addValues(scratch.outs, at, dim, source, start, scores, whole * PAGE, to - whole * PAGE);
        }
        Arrays.fill(scores, whole * PAGE, roundUp(count) * PAGE, 0);
        for (int page = 0; page < whole; page += TOGETHER) {
            if (page + 1 < whole) {
                DecodeLoops.addValuesOfFour(
                        scratch.outs, at, dim, source, scratch.starts, page, whole - 1, values, scores);
            } else {
                int start = scratch.starts[page] + values;
                DecodeLoops.addValues(scratch.outs, at, dim, source, start, scores, page * PAGE, PAGE);
            }
        }
    }

    private static int roundUp(int count) {
        return (count + TOGETHER - 1) / TOGETHER * TOGETHER;
    }
}
