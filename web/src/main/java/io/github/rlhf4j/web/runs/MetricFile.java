package io.github.rlhf4j.web.runs;

import io.github.rlhf4j.web.lines.Floats;
import io.github.rlhf4j.web.lines.GrowingLines;
import io.github.rlhf4j.web.lines.Ints;
import io.github.rlhf4j.web.lines.KeyTable;
import io.github.rlhf4j.web.lines.LineScanner;
import io.github.rlhf4j.web.lines.Longs;
import io.github.rlhf4j.web.lines.SomeLines;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A stage's metrics.jsonl (or timing.jsonl) as columns: made by one reading, extended as the file grows. Values are floats, which is what a picture needs; the file has them exactly. Safe for several threads.
 */
final class MetricFile {
    private static final String STEP = "step";

    private static final int DRAFT_LINES = 1_000;

    private final GrowingLines lines;
    private final boolean isDraft;
    private KeyTable keys = new KeyTable();
    private LineScanner scanner = new LineScanner(keys);
    private Longs steps = new Longs();
    private List<Column> columns = new ArrayList<>();
    private int stepKey = -1;
    private int generation;

    MetricFile(Path file) {
        this(file, false);
    }

    private MetricFile(Path file, boolean isDraft) {
        lines = new GrowingLines(file);
        this.isDraft = isDraft;
    }

    /** What some of its lines say, the first and the last among them: read in milliseconds, however long it is. It is not extended. */
    static MetricFile draft(Path file) {
        MetricFile draft = new MetricFile(file, true);
        draft.generation = -1; // no whole one has it
        SomeLines.of(file, DRAFT_LINES, draft.reader());
        return draft;
    }

    /** Whether it has only some of the file's lines. */
    boolean isDraft() {
        return isDraft;
    }

    /** Bytes of the file that have not been read yet. Does not wait for a reading. */
    long unread() {
        return lines.unread();
    }

    /** The values of a metric and the lines that have them. */
    private static final class Column {
        private final Ints rows = new Ints();
        private final Floats values = new Floats();
    }

    /** Reads what is new. */
    synchronized void refresh() {
        if (!isDraft && lines.hasChanged()) {
            lines.read(reader());
        }
    }

    private GrowingLines.Reader reader() {
        return new GrowingLines.Reader() {
            @Override
            public void restart() {
                clear();
            }

            @Override
            public void line(byte[] bytes, int from, int to, long offset) {
                add(bytes, from, to);
            }
        };
    }

    private void clear() {
        keys = new KeyTable();
        scanner = new LineScanner(keys);
        steps = new Longs();
        columns = new ArrayList<>();
        stepKey = -1;
        generation++;
    }

    private void add(byte[] bytes, int from, int to) {
        int row = steps.size();
        double[] step = {0};
        scanner.scan(bytes, from, to, (key, value) -> {
            while (columns.size() <= key) {
                columns.add(new Column());
            }
            if (key == stepKey || stepKey < 0 && keys.name(key).equals(STEP)) {
                stepKey = key;
                step[0] = value;
            } else if (Double.isFinite(value)) {
                columns.get(key).rows.add(row);
                columns.get(key).values.add((float) value);
            }
        });
        steps.add((long) step[0]);
    }

    /** Changes when what was read before counts no more. */
    synchronized int generation() {
        return generation;
    }

    /** Lines so far. */
    synchronized int rows() {
        return steps.size();
    }

    /** The metrics in the order in which they came. */
    synchronized List<String> metrics() {
        return last().keySet().stream().toList();
    }

    /** The last value of each metric. */
    synchronized Map<String, Float> last() {
        Map<String, Float> last = new LinkedHashMap<>();
        for (int key = 0; key < columns.size(); key++) {
            Floats values = columns.get(key).values;
            if (values.size() > 0) {
                last.put(keys.name(key), values.get(values.size() - 1));
            }
        }
        return last;
    }

    /** What lines from {@code row} on say, a map of metrics a line, {@code step} among them. */
    synchronized List<Map<String, Number>> since(int row) {
        List<Map<String, Number>> since = new ArrayList<>();
        for (int i = Math.max(0, row); i < steps.size(); i++) {
            Map<String, Number> line = new LinkedHashMap<>();
            line.put(STEP, steps.get(i));
            since.add(line);
        }
        int first = steps.size() - since.size();
        for (int key = 0; key < columns.size(); key++) {
            Column column = columns.get(key);
            for (int i = column.rows.size() - 1; i >= 0 && column.rows.get(i) >= first; i--) {
                since.get(column.rows.get(i) - first).put(keys.name(key), column.values.get(i));
            }
        }
        return since;
    }

    /** The points of a metric so far; of none where it is not known. */
    synchronized Points points(String metric) {
        int key = keys.names().indexOf(metric);
        if (key < 0 || key >= columns.size()) {
            return new Points(new double[0], new float[0]);
        }
        Column column = columns.get(key);
        int size = column.values.size();
        double[] x = new double[size];
        float[] y = new float[size];
        for (int i = 0; i < size; i++) {
            x[i] = steps.get(column.rows.get(i));
            y[i] = column.values.get(i);
        }
        return new Points(x, y);
    }
}
