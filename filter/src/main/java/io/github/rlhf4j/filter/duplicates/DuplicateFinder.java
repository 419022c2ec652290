package io.github.rlhf4j.filter.duplicates;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.stage.Progress;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Finds which rows are the same as an earlier one, and which are near duplicates of one: rows that meet in a band are, and so are those that are of a third one. The first of such rows stays, whatever order bands are
 * looked at in. Which rows have one hash is found by the workers of a cluster, where there are enough of them. Memory: 4 bytes and a bit a row, and a bounded part of the hashes.
 *
 * <p>Columns of {@link RowHashes}: two of the whole text, then one for each band.
 */
public final class DuplicateFinder {
    /** Columns that hash the whole text. */
    public static final int TEXT_COLUMNS = 2;

    private static final int MOST_IN_MEMORY = 1 << 21;
    private static final int ROWS_READ = 1 << 12;
    private static final long MOST_ROWS = Integer.MAX_VALUE - 8L;

    private final RowHashes hashes;
    private final Cluster cluster;
    private final int buckets; // for workers; 1: there are none
    private final int inMemory;
    private final int[] first; // of each row the first one that is known to be like it, itself at the beginning
    private final BitSet isSame = new BitSet(); // as an earlier one

    /**
     * Of rows that are all there.
     *
     * @param cluster whose workers sort hashes
     */
    public DuplicateFinder(RowHashes hashes, Cluster cluster) {
        this(hashes, cluster, PairBuckets.count(hashes.size(), cluster), MOST_IN_MEMORY);
    }

    DuplicateFinder(RowHashes hashes, Cluster cluster, int buckets, int inMemory) {
        if (hashes.size() > MOST_ROWS) {
            throw new UserError("exact_dedup and minhash compare at most " + MOST_ROWS + " rows, but there are "
                    + hashes.size() + "; filter parts of the dataset first");
        }
        this.hashes = hashes;
        this.cluster = cluster;
        this.buckets = buckets;
        this.inMemory = (int) Math.max(2, Math.min(inMemory, hashes.size()));
        this.first = IntStream.range(0, (int) hashes.size()).toArray();
    }

    /** Looks for rows with the same text, then for near duplicates among the others. */
    public DuplicateFinder find(Progress progress) {
        forEachLink(0, new SameTexts());
        progress.advance(1);
        for (int column = TEXT_COLUMNS; column < hashes.width(); column++) {
            forEachLink(column, this::join);
            progress.advance(1);
        }
        return this;
    }

    /** Among rows whose first hash is the same, those whose second is too. */
    private final class SameTexts implements EqualHashes.LinkConsumer {
        private final Map<Long, Integer> firsts = new HashMap<>(); // by the second hash
        private int of = -1; // the first row of their first hash

        @Override
        public void accept(int firstRow, int row) {
            if (firstRow != of) {
                of = firstRow;
                firsts.clear();
                firsts.put(hashes.hash(of, 1), of);
            }
            Integer earlier = firsts.putIfAbsent(hashes.hash(row, 1), row);
            if (earlier != null) {
                isSame.set(row);
                join(earlier, row);
            }
        }
    }

    private void forEachLink(int column, EqualHashes.LinkConsumer consumer) {
        try (EqualHashes equal = equalHashes()) {
            for (int row = 0; row < first.length; row += ROWS_READ) {
                long[] keys = hashes.hashes(row, Math.min(ROWS_READ, first.length - row), column);
                for (int i = 0; i < keys.length; i++) {
                    if (!isSame.get(row + i)) {
                        equal.add(keys[i], row + i);
                    }
                }
            }
            equal.forEachLink(consumer);
        }
    }

    private EqualHashes equalHashes() {
        return buckets > 1 ? new PairBuckets(cluster, buckets, first.length, inMemory) : new PairSorter(inMemory);
    }

    private int root(int row) {
        int root = row;
        while (first[root] != root) {
            root = first[root];
        }
        for (int at = row; first[at] != root; ) {
            int next = first[at];
            first[at] = root;
            at = next;
        }
        return root;
    }

    private void join(int one, int other) {
        int a = root(one);
        int b = root(other);
        first[Math.max(a, b)] = Math.min(a, b);
    }

    /** Of the i-th row the first one that it is a duplicate of, exact or near; itself where it stays. */
    public long firstOf(long i) {
        return root((int) i);
    }

    /** Whether the i-th row has the same text as an earlier one. */
    public boolean isSame(long i) {
        return isSame.get((int) i);
    }

    /** Columns that are looked at, for progress. */
    public static int columns(RowHashes hashes) {
        return hashes.width() - TEXT_COLUMNS + 1;
    }
}
