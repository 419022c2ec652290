package io.github.rlhf4j.web.rollouts;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.web.lines.Floats;
import io.github.rlhf4j.web.lines.GrowingLines;
import io.github.rlhf4j.web.lines.KeyTable;
import io.github.rlhf4j.web.lines.LineScanner;
import io.github.rlhf4j.web.lines.Longs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * An index of samples.jsonl: of each line its place, its prompt's hash and every number as a column, made by one reading and extended as the file grows. Some 60 bytes a row, so millions of rows fit. Texts stay in the file. Safe for
 * several threads.
 */
final class SampleIndex {
    static final String STEP = "step";
    static final String PROMPT = "prompt";
    static final String RESPONSE = "response";
    static final String SCORES = "scores"; // by reward

    /** Bytes of the response as it is in the file, where it is there: a length for files without one. */
    static final String BYTES = "bytes";

    private static final int USUAL_COLUMNS = 64;
    /** Of further columns: a file with more is none of ours, and they are passed over. */
    private static final long MOST_CELLS = 20_000_000;

    private final GrowingLines lines;
    private KeyTable keys = new KeyTable();
    private LineScanner scanner = new LineScanner(keys);
    private Longs offsets = new Longs();
    private Longs prompts = new Longs();
    private Floats bytes = new Floats();
    private List<Floats> columns = new ArrayList<>();
    private int used; // columns with a number
    private int generation;

    SampleIndex(Path file) {
        lines = new GrowingLines(file);
    }

    /** The file. */
    Path file() {
        return lines.file();
    }

    /** Takes in what is new. */
    synchronized void refresh() {
        if (lines.hasChanged()) {
            lines.read(new Reader());
        }
    }

    private final class Reader implements GrowingLines.Reader, LineScanner.Sink {
        private int row;
        private long prompt;
        private float response;

        @Override
        public void restart() {
            keys = new KeyTable();
            scanner = new LineScanner(keys);
            offsets = new Longs();
            prompts = new Longs();
            bytes = new Floats();
            columns = new ArrayList<>();
            used = 0;
            generation++;
        }

        @Override
        public void line(byte[] read, int from, int to, long offset) {
            row = offsets.size();
            prompt = 0;
            response = Float.NaN;
            scanner.scan(read, from, to, this);
            offsets.add(offset);
            prompts.add(prompt);
            bytes.add(response);
        }

        @Override
        public void number(int key, double value) {
            while (columns.size() <= key) {
                columns.add(new Floats());
            }
            Floats column = columns.get(key);
            if (column.size() == 0) {
                if (!hasRoom()) {
                    return;
                }
                used++;
            }
            if (column.size() <= row) {
                column.fillTo(row);
                column.add((float) value);
            }
        }

        /** Whether there is room for one more column, which begins with as many empty cells as there are rows. */
        private boolean hasRoom() {
            return used < USUAL_COLUMNS || (long) used * row < MOST_CELLS;
        }

        @Override
        public void text(int key, byte[] read, int from, int to) {
            String name = keys.name(key);
            if (name.equals(PROMPT)) {
                prompt = hash(read, from, to);
            } else if (name.equals(RESPONSE)) {
                response = to - from;
            }
        }
    }

    /** FNV-1a over 64 bits. */
    private static long hash(byte[] bytes, int from, int to) {
        long hash = 0xcbf29ce484222325L;
        for (int i = from; i < to; i++) {
            hash = (hash ^ (bytes[i] & 0xff)) * 0x100000001b3L;
        }
        return hash;
    }

    /** Changes when rows that were known are others now. */
    synchronized int generation() {
        return generation;
    }

    /** Rows so far. */
    synchronized int size() {
        return offsets.size();
    }

    /** The place of a row in the file. */
    synchronized long offset(int row) {
        require(row);
        return offsets.get(row);
    }

    /** Columns of numbers, by their names. */
    synchronized Set<String> names() {
        Set<String> names = new TreeSet<>();
        for (int key = 0; key < columns.size(); key++) {
            if (columns.get(key).size() > 0) {
                names.add(keys.name(key));
            }
        }
        if (bytes.size() > 0 && !names.contains("length")) {
            names.add(BYTES);
        }
        return names;
    }

    /** The values of a column, one a row, NaN where a row has none. */
    synchronized float[] column(String name) {
        int key = keys.names().indexOf(name);
        Floats column =
                name.equals(BYTES) && key < 0 ? bytes : key >= 0 && key < columns.size() ? columns.get(key) : null;
        if (column == null) {
            throw new UserError("the samples have no column " + name + "; they have " + String.join(", ", names()));
        }
        float[] values = new float[offsets.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = column.get(i);
        }
        return values;
    }

    /** Whether there is such a column. */
    synchronized boolean has(String name) {
        return names().contains(name) || name.equals(BYTES);
    }

    /** Rows with the same prompt as this, itself among them, in their order. */
    synchronized int[] samePrompt(int row) {
        require(row);
        long wanted = prompts.get(row);
        return IntStream.range(0, prompts.size())
                .filter(other -> prompts.get(other) == wanted)
                .toArray();
    }

    /** The hash of each row's prompt. */
    synchronized long[] prompts() {
        return IntStream.range(0, prompts.size()).mapToLong(prompts::get).toArray();
    }

    private void require(int row) {
        if (row < 0 || row >= offsets.size()) {
            throw new UserError("there is no row " + row + "; there are " + offsets.size());
        }
    }
}
