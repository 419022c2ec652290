package io.github.rlhf4j.web.rollouts;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Which rows a page of samples shows, and in which order.
 *
 * @param filters all of which a row must meet
 * @param text that prompt or response must contain, whatever its case; empty for any
 * @param sort a column; empty for the order of the file
 */
record SampleOrder(List<SampleFilter> filters, String text, String sort, boolean descending) {
    /** Rows that are looked into for a text, at most; the answer says how many were. */
    static final int MOST_SEARCHED = 200_000;

    /**
     * What was found.
     *
     * @param searched rows that were looked into for the text
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Found(int[] rows, int searched, boolean isWhole) {}

    Found of(SampleIndex index) {
        int size = index.size();
        int[] rows = new int[size];
        int kept = 0;
        List<float[]> columns =
                filters.stream().map(filter -> index.column(filter.column())).toList();
        for (int row = 0; row < size; row++) {
            boolean accepted = true;
            for (int i = 0; accepted && i < filters.size(); i++) {
                float[] values = columns.get(i);
                accepted = row < values.length && filters.get(i).accepts(values[row]);
            }
            if (accepted) {
                rows[kept++] = row;
            }
        }
        rows = Arrays.copyOf(rows, kept);
        if (!sort.isEmpty()) {
            rows = sorted(rows, index.column(sort));
        } else if (descending) {
            reverse(rows);
        }
        return text.isEmpty() ? new Found(rows, 0, true) : containing(rows, index);
    }

    /** By the column, rows with equal values in their order, rows without one last. */
    private int[] sorted(int[] rows, float[] values) {
        long[] keys = new long[rows.length];
        for (int i = 0; i < rows.length; i++) {
            float value = rows[i] < values.length ? values[rows[i]] : Float.NaN;
            int bits = Float.floatToIntBits(value + 0f);
            int ascending = bits ^ (bits >> 31 & Integer.MAX_VALUE);
            int key = Float.isNaN(value) ? Integer.MAX_VALUE : descending ? ~ascending : ascending;
            keys[i] = (long) key << 32 | rows[i];
        }
        Arrays.parallelSort(keys);
        int[] sorted = new int[rows.length];
        for (int i = 0; i < sorted.length; i++) {
            sorted[i] = (int) keys[i];
        }
        return sorted;
    }

    private static void reverse(int[] rows) {
        for (int i = 0; i < rows.length / 2; i++) {
            int other = rows[i];
            rows[i] = rows[rows.length - 1 - i];
            rows[rows.length - 1 - i] = other;
        }
    }

    private Found containing(int[] rows, SampleIndex index) {
        String wanted = text.toLowerCase(Locale.ROOT);
        int searched = Math.min(rows.length, MOST_SEARCHED);
        int[] found = new int[searched];
        int kept = 0;
        try (SampleRows read = new SampleRows(index)) {
            for (int i = 0; i < searched; i++) {
                if (contains(read.row(rows[i]), wanted)) {
                    found[kept++] = rows[i];
                }
            }
        }
        return new Found(Arrays.copyOf(found, kept), searched, searched == rows.length);
    }

    /** Whether one of the texts in it does. */
    private static boolean contains(JsonNode node, String wanted) {
        if (node.isTextual()) {
            return node.textValue().toLowerCase(Locale.ROOT).contains(wanted);
        }
        for (JsonNode child : node) {
            if (contains(child, wanted)) {
                return true;
            }
        }
        return false;
    }
}
