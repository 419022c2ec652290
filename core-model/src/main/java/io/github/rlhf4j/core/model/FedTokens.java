package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Tokens of several sequences for one call of {@link IncrementalDecoder#feed}: a run of tokens of each, whose earlier ones are cached. Used again after {@link #clear}; not thread-safe.
 */
public final class FedTokens {
    private static final int ROWS_READ = 64; // at once: bounds the logits of all rows

    private int rows;
    private int[] tokens = new int[64];
    private int[] positions = new int[64];
    private int[] lengths = new int[64];
    private int[][] pages = new int[64][];
    private int wantedCount;
    private int[] wanted = new int[64];
    private final List<Run> runs = new ArrayList<>();

    /** @param storesItself whether attention stores what it has, as it does for every row that it computes in all layers */
    private record Run(int from, int count, boolean storesItself, LogitReader reader) {}

    /** Takes the logits of some tokens of a run. */
    @FunctionalInterface
    public interface LogitReader {
        /** Of a run that nobody reads. */
        LogitReader NONE = (position, logits) -> {};

        /**
         * Takes some.
         *
         * @param position of the first
         * @param logits (rows, V), before any temperature; valid during the call
         */
        void take(int position, Tensor logits);
    }

    /** Computes the logits of rows. */
    @FunctionalInterface
    interface Logits {
        Tensor of(int from, int to);
    }

    /** Forgets all. */
    public void clear() {
        rows = 0;
        wantedCount = 0;
        runs.clear();
    }

    /**
     * Adds tokens of a sequence.
     *
     * @param ids of the tokens
     * @param position of the first; a page's first where there are several
     * @param length of the sequence's prompt: its tokens see it whole where frequencies grow with the length
     * @param table pages of the sequence, those of the tokens included
     * @param isWanted whether the logits after the last one are
     * @param reader takes the logits after all of them
     */
    public void add(int[] ids, int position, int length, int[] table, boolean isWanted, LogitReader reader) {
        fit(rows + ids.length);
        runs.add(new Run(rows, ids.length, ids.length == 1 && isWanted, reader));
        for (int i = 0; i < ids.length; i++) {
            addRow(ids[i], position + i, length, table);
        }
        if (isWanted) {
            wanted[wantedCount++] = rows - 1;
        }
    }

    /**
     * Adds the newest token of a sequence and guesses at those after it; the logits after all of them are wanted.
     *
     * @param ids at most as many as attention computes together, eight
     * @param position of the first, anywhere in its page
     */
    public void addGuesses(int[] ids, int position, int length, int[] table) {
        fit(rows + ids.length);
        runs.add(new Run(rows, ids.length, true, LogitReader.NONE));
        for (int i = 0; i < ids.length; i++) {
            wanted[wantedCount++] = rows;
            addRow(ids[i], position + i, length, table);
        }
    }

    private void addRow(int id, int position, int length, int[] table) {
        tokens[rows] = id;
        positions[rows] = position;
        lengths[rows] = Math.max(length, position + 1);
        pages[rows++] = table;
    }

    private void fit(int count) {
        if (tokens.length < count) {
            int room = Math.max(count, 2 * tokens.length);
            tokens = Arrays.copyOf(tokens, room);
            positions = Arrays.copyOf(positions, room);
            lengths = Arrays.copyOf(lengths, room);
            pages = Arrays.copyOf(pages, room);
            wanted = Arrays.copyOf(wanted, room);
        }
    }

    /** All tokens. */
    public int rows() {
        return rows;
    }

    int[] tokens() {
        return tokens;
    }

    int[] positions() {
        return positions;
    }

    int[] lengths() {
        return lengths;
    }

    int[][] pages() {
        return pages;
    }

    /** Rows whose logits are wanted, ascending. */
    int[] wanted() {
        return Arrays.copyOf(wanted, wantedCount);
    }

    int[] positionsOfWanted() {
        return Arrays.stream(wanted()).map(row -> positions[row]).toArray();
    }

    int[][] pagesOfWanted() {
        return Arrays.stream(wanted()).mapToObj(row -> pages[row]).toArray(int[][]::new);
    }

    /** Stores keys and values of runs, which see each other; attention does that for single tokens. */
    void store(KeyValueCache cache, int layer, Tensor queryKeyValue) {
        for (Run run : runs) {
            if (!run.storesItself()) {
                cache.store(layer, queryKeyValue, run.from(), run.count(), pages[run.from()], positions[run.from()]);
            }
        }
    }

    /** Whether somebody reads the logits of a run. */
    boolean isRead() {
        return runs.stream().anyMatch(run -> run.reader() != LogitReader.NONE);
    }

    /** Gives the readers what they want. */
    void read(Logits logits) {
        for (Run run : runs) {
            int end = run.from() + run.count();
            for (int from = run.from(); run.reader() != LogitReader.NONE && from < end; from += ROWS_READ) {
                run.reader().take(positions[from], logits.of(from, Math.min(end, from + ROWS_READ)));
            }
        }
    }
}
