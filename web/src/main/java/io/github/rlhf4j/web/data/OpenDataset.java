package io.github.rlhf4j.web.data;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.datasets.RecordJson;
import io.github.rlhf4j.datasets.RecordKind;
import io.github.rlhf4j.datasets.RecordSet;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A dataset that is looked at: its rows, found by text and length. Its rows are in a temporary file, as a trainer has them. Not for several threads at once. */
final class OpenDataset implements AutoCloseable {
    /** Rows that are looked into for a text, at most. */
    static final int MOST_SEARCHED = 300_000;

    private static final int MOST_SORTED = 5_000_000;

    private final RecordSet<DataRecord> rows;
    private int @Nullable [] lengths;
    private String asked = "";
    private Found found = new Found(new int[0], 0);

    OpenDataset(Datasets datasets, DatasetSpec spec, long seed) {
        rows = datasets.open(spec, List.of(RecordKind.values()), seed);
    }

    RecordSet<DataRecord> rows() {
        return rows;
    }

    /**
     * Rows in the order that was asked for.
     *
     * @param searched how many were looked into for a text
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Found(int[] rows, int searched) {}

    /**
     * Finds rows.
     *
     * @param text that a row must contain, whatever its case
     * @param least characters of a row
     * @param most characters of a row
     * @param order "" for that of the file, length or -length
     */
    Found find(String text, long least, long most, String order) {
        String question = text + "\n" + least + "\n" + most + "\n" + order;
        if (!question.equals(asked)) {
            found = find(text.toLowerCase(Locale.ROOT), least, most, order, (int) Math.min(rows.size(), MOST_SORTED));
            asked = question;
        }
        return found;
    }

    private Found find(String text, long least, long most, String order, int size) {
        boolean byLength = least > 0 || most < Long.MAX_VALUE || !order.isEmpty();
        int[] known = byLength ? lengths() : new int[0];
        int[] kept = new int[size];
        int count = 0;
        int searched = 0;
        for (int i = 0; i < size && searched < MOST_SEARCHED; i++) {
            if (byLength && (known[i] < least || known[i] > most)) {
                continue;
            }
            if (!text.isEmpty()) {
                searched++;
                if (!line(i).toLowerCase(Locale.ROOT).contains(text)) {
                    continue;
                }
            }
            kept[count++] = i;
        }
        kept = Arrays.copyOf(kept, count);
        return new Found(order.isEmpty() ? kept : sorted(kept, known, order), searched);
    }

    private static int[] sorted(int[] kept, int[] known, String order) {
        int sign = order.startsWith("-") ? -1 : 1;
        long[] keys = new long[kept.length];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = (long) sign * known[kept[i]] << 32 | kept[i];
        }
        Arrays.sort(keys);
        return Arrays.stream(keys).mapToInt(key -> (int) key).toArray();
    }

    /** Characters of each row's line. */
    int[] lengths() {
        int[] known = lengths;
        if (known == null) {
            if (rows.size() > MOST_SORTED) {
                throw new UserError("only the first " + MOST_SORTED + " rows can be sorted by length; say a limit");
            }
            known = new int[(int) rows.size()];
            for (int i = 0; i < known.length; i++) {
                known[i] = line(i).length();
            }
            lengths = known;
        }
        return known;
    }

    private String line(int row) {
        return RecordJson.toLine(rows.get(row));
    }

    @Override
    public void close() {
        rows.close();
    }
}
