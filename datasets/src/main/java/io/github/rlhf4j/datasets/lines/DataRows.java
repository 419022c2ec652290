package io.github.rlhf4j.datasets.lines;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.io.DataFile;
import io.github.rlhf4j.datasets.io.DataFiles;
import io.github.rlhf4j.datasets.io.ReadOptions;
import io.github.rlhf4j.datasets.io.Row;
import io.github.rlhf4j.datasets.io.RowSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** The rows of data that are named by a path, in order: all that a dataset may be (JSONL, JSON, CSV, Parquet, compressed, a folder, a glob), its columns renamed. */
public final class DataRows implements Iterator<Row>, AutoCloseable {
    private static final long COUNTED_BYTES = 32L << 20;

    private final String dashes;
    private final Map<String, String> columns;
    private final List<DataFile> files;
    private int opened;
    private @Nullable RowSource current;

    private DataRows(String dashes, Path data, Map<String, String> columns) {
        this.dashes = dashes;
        this.columns = columns;
        this.files = DataFiles.of(List.of(data.toString())).list();
    }

    /**
     * Opens them.
     *
     * @param dashes what is before "data" and "columns" in messages: -- on the command line
     * @param columns our name to the data's
     * @throws UserError where there is no such data
     */
    public static DataRows open(String dashes, Path data, Map<String, String> columns) {
        if (!Files.isRegularFile(data) && !Files.isDirectory(data) && Files.exists(data)) {
            throw new UserError(dashes + "data " + data + " is not a file");
        }
        return new DataRows(dashes, data, columns);
    }

    /** How many there are; 0 where counting would take long. */
    public long total() {
        if (files.stream().mapToLong(DataFile::bytes).sum() > COUNTED_BYTES) {
            return 0;
        }
        long count = 0;
        for (DataFile file : files) {
            try (RowSource rows = file.rows(ReadOptions.ALL)) {
                for (; rows.hasNext(); rows.next()) {
                    count++;
                }
            }
        }
        return count;
    }

    /** Where a row was read, for messages. */
    public static String place(Row row) {
        return row.file() + " line " + row.line();
    }

    @Override
    public boolean hasNext() {
        while (current == null || !current.hasNext()) {
            close();
            if (opened == files.size()) {
                return false;
            }
            current = files.get(opened++).rows(ReadOptions.ALL);
        }
        return true;
    }

    @Override
    public Row next() {
        if (!hasNext() || current == null) {
            throw new NoSuchElementException();
        }
        Row row = current.next();
        return columns.isEmpty() ? row : row.with(renamed(row));
    }

    private ObjectNode renamed(Row row) {
        ObjectNode result = row.columns().deepCopy();
        columns.forEach((ours, theirs) -> {
            JsonNode value = row.columns().get(theirs);
            if (value == null) {
                throw new UserError("%scolumns %s=%s names the column \"%s\", but %s has %s"
                        .formatted(
                                dashes,
                                ours,
                                theirs,
                                theirs,
                                place(row),
                                row.columns().properties().stream()
                                        .map(Map.Entry::getKey)
                                        .toList()));
            }
            if (!columns.containsKey(theirs)) {
                result.remove(theirs);
            }
            result.set(ours, value);
        });
        return result;
    }

    @Override
    public void close() {
        if (current != null) {
            current.close();
        }
        current = null;
    }
}
