package io.github.rlhf4j.core.kernels;

/**
 * Which rows attend to which: trees of segments in a packed batch of N rows.
 *
 * <p>A segment is a run of rows. It attends, causally, to itself and to all rows of its ancestors, never to anything else. Segments are in row order, a parent before
 * its children, and the segments of one tree are contiguous. A segment's first absolute position is the number of rows of its ancestors.
 *
 * <p>The rows of a query-key-value tensor are [query heads | key heads | value heads], each head {@code headDim} wide: (N, (H + 2 Hkv) D). Query head h reads key-value
 * head h / (H / Hkv).
 *
 * @param segmentStart first row of each segment
 * @param segmentLength rows of each segment
 * @param segmentParent index of the parent segment, or -1
 * @param treeStart index of the first segment of each tree, and one more entry: the number of segments
 * @param heads H, query heads
 * @param keyValueHeads Hkv, divides H
 * @param headDim D
 * @param scale factor on query . key, usually 1 / sqrt(D)
 * @param window how many positions back a row may look, itself included (Mistral's sliding window), or 0 for all
 * @param firstQuery the first row of each segment that attends, counted inside the segment: those before it are keys and values only, and the segment's length means that none attends
 */
public record AttentionLayout(
        int[] segmentStart,
        int[] segmentLength,
        int[] segmentParent,
        int[] treeStart,
        int heads,
        int keyValueHeads,
        int headDim,
        double scale,
        int window,
        int[] firstQuery) {
    /** Of no rows. */
    public static final AttentionLayout EMPTY =
            new AttentionLayout(new int[0], new int[0], new int[0], new int[1], 1, 1, 1, 1, 0);

    public AttentionLayout {
        if (keyValueHeads <= 0 || heads % keyValueHeads != 0) {
            throw new IllegalArgumentException(heads + " heads cannot share " + keyValueHeads + " key-value heads");
        }
    }

    /** A layout in which every row attends. */
    public AttentionLayout(
            int[] segmentStart,
            int[] segmentLength,
            int[] segmentParent,
            int[] treeStart,
            int heads,
            int keyValueHeads,
            int headDim,
            double scale,
            int window) {
        this(
                segmentStart,
                segmentLength,
                segmentParent,
                treeStart,
                heads,
                keyValueHeads,
                headDim,
                scale,
                window,
                new int[segmentStart.length]);
    }

    /**
     * The same with fewer rows that attend: of each segment those from the first of {@code rows} on.
     *
     * @param rows ascending
     */
    public AttentionLayout attendingFrom(int[] rows) {
        int[] first = new int[segmentStart.length];
        int next = 0;
        for (int segment = 0; segment < first.length; segment++) {
            int end = segmentStart[segment] + segmentLength[segment];
            boolean any = next < rows.length && rows[next] < end;
            first[segment] = any ? rows[next] - segmentStart[segment] : segmentLength[segment];
            while (next < rows.length && rows[next] < end) {
                next++;
            }
        }
        return new AttentionLayout(
                segmentStart,
                segmentLength,
                segmentParent,
                treeStart,
                heads,
                keyValueHeads,
                headDim,
                scale,
                window,
                first);
    }

    /** Width of the query part, H D. */
    public int queryWidth() {
        return heads * headDim;
    }

    /** Width of the key part and of the value part, Hkv D. */
    public int keyValueWidth() {
        return keyValueHeads * headDim;
    }

    /** First column of the key head that query head {@code head} reads. */
    public int keyColumn(int head) {
        return queryWidth() + head / (heads / keyValueHeads) * headDim;
    }

    /** First column of the value head that query head {@code head} reads. */
    public int valueColumn(int head) {
        return keyColumn(head) + keyValueWidth();
    }

    /** The first absolute position of {@code segment}: the rows of its ancestors. */
    public int firstPosition(int segment) {
        int position = 0;
        for (int ancestor = segmentParent[segment]; ancestor >= 0; ancestor = segmentParent[ancestor]) {
            position += segmentLength[ancestor];
        }
        return position;
    }

    /** Pairs of a row that attends and a row that it sees, over all segments. */
    public long visiblePairs() {
        long pairs = 0;
        for (int segment = 0; segment < segmentLength.length; segment++) {
            long position = (long) firstPosition(segment) + firstQuery[segment];
            for (int row = firstQuery[segment]; row < segmentLength[segment]; row++) {
                position++;
                pairs += window == 0 ? position : Math.min(position, window);
            }
        }
        return pairs;
    }

    /** Number of trees. */
    public int trees() {
        return treeStart.length - 1;
    }
}
