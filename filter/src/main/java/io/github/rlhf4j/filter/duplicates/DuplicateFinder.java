package io.github.rlhf4j.filter.duplicates;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.Progress;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Finds which rows are the same as an earlier one, and which are near duplicates of one: rows that meet in a band are, and so are those that are of a third one. The first of such rows stays, whatever order bands are
 * looked at in. Memory: 4 bytes a row and a bounded part of the hashes.
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
    private final int inMemory;
    private final int[] first; // of each row the first one that is known to be like it, itself at the beginning
    private final boolean[] isSame; // as an earlier one

    /** Of rows that are all there. */
    public DuplicateFinder(RowHashes hashes) {
        this(hashes, MOST_IN_MEMORY);
    }

    DuplicateFinder(RowHashes hashes, int inMemory) {
        if (hashes.size() > MOST_ROWS) {
            throw new UserError("exact_dedup and minhash compare at most " + MOST_ROWS + " rows, but there are "
                    + hashes.size() + "; filter parts of the dataset first");
        }
        this.hashes = hashes;
        this.inMemory = (int) Math.max(2, Math.min(inMemory, hashes.size()));
        this.first = IntStream.range(0, (int) hashes.size()).toArray();
        this.isSame = new boolean[first.length];
    }

    /** Looks for rows with the same text, then for near duplicates among the others. */
    public DuplicateFinder find(Progress progress) {
        same();
        progress.advance(1);
        for (int column = TEXT_COLUMNS; column < hashes.width(); column++) {
            forEachGroup(column, group -> group.forEach(row -> join(group.get(0).intValue(), row.intValue())));
            progress.advance(1);
        }
        return this;
    }

    private void same() {
        forEachGroup(0, group -> {
            Map<Long, Integer> firsts = new HashMap<>();
            for (long row : group) {
                Integer earlier = firsts.putIfAbsent(hashes.hash(row, 1), (int) row);
                if (earlier != null) {
                    isSame[(int) row] = true;
                    join(earlier, (int) row);
                }
            }
        });
    }

    private void forEachGroup(int column, PairSorter.GroupConsumer consumer) {
        try (PairSorter sorter = new PairSorter(inMemory)) {
            for (int row = 0; row < first.length; row += ROWS_READ) {
                long[] keys = hashes.hashes(row, Math.min(ROWS_READ, first.length - row), column);
                for (int i = 0; i < keys.length; i++) {
                    if (!isSame[row + i]) {
                        sorter.add(keys[i], (long) row + i);
                    }
                }
            }
            sorter.forEachGroup(consumer);
        }
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
        return isSame[(int) i];
    }

    /** Columns that are looked at, for progress. */
    public static int columns(RowHashes hashes) {
        return hashes.width() - TEXT_COLUMNS + 1;
    }
}
