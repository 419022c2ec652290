package io.github.rlhf4j.datasets.io;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.DropReport;
import io.github.rlhf4j.datasets.RecordKind;
import io.github.rlhf4j.datasets.RecordReader;
import io.github.rlhf4j.datasets.io.RowParser.DroppedRow;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads a JSONL or JSON file, compressed with gzip or not, or a Parquet file, whose format its columns tell. One row is in memory at a time. */
public final class FileRecordReader implements RecordReader {
    private static final int ROWS_TO_RECOGNISE = 10;

    private final DatasetFile file;
    private final RowSource source;
    private final Deque<Row> firstRows = new ArrayDeque<>();
    private final RowFormat format;
    private final RowParser parser;
    private DropReport dropReport = DropReport.NONE;

    /**
     * Opens the file of {@code spec} and recognises its format.
     *
     * @throws UserError when it is missing, empty, malformed at its start, or of no known format
     */
    public FileRecordReader(DatasetSpec spec) {
        this.file = new DatasetFile(path(spec.path()));
        this.source = file.rows();
        boolean isOpened = false;
        try {
            Set<String> columns = new LinkedHashSet<>();
            while (firstRows.size() < ROWS_TO_RECOGNISE && source.hasNext()) {
                Row row = source.next();
                firstRows.add(row);
                row.columns().properties().stream()
                        .filter(column -> !column.getValue().isNull())
                        .forEach(column -> columns.add(column.getKey()));
            }
            if (firstRows.isEmpty()) {
                throw new UserError("dataset " + spec.path() + " is empty; it must have at least one row");
            }
            this.format = RowFormat.recognise(spec.path(), spec.format(), spec.columns(), columns);
            this.parser = new RowParser(spec.path(), format);
            isOpened = true;
        } finally {
            if (!isOpened) {
                source.close();
            }
        }
    }

    private static Path path(String path) {
        try {
            return Path.of(path);
        } catch (InvalidPathException e) {
            throw new UserError("dataset " + path + " is not a path: " + e.getReason(), e);
        }
    }

    @Override
    public RecordKind kind() {
        return format.kind();
    }

    @Override
    public Iterator<DataRecord> rows() {
        return new Iterator<>() {
            private @Nullable DataRecord next;

            @Override
            public boolean hasNext() {
                while (next == null && (!firstRows.isEmpty() || source.hasNext())) {
                    Row row = firstRows.isEmpty() ? source.next() : firstRows.removeFirst();
                    try {
                        next = parser.parse(row);
                    } catch (DroppedRow e) {
                        dropReport = dropReport.with(String.valueOf(e.getMessage()), row.line());
                    }
                }
                return next != null;
            }

            @Override
            public DataRecord next() {
                if (!hasNext() || next == null) {
                    throw new NoSuchElementException();
                }
                DataRecord row = next;
                next = null;
                return row;
            }
        };
    }

    @Override
    public DropReport dropReport() {
        return dropReport;
    }

    @Override
    public Optional<String> fileSha256() {
        return Optional.of(file.sha256());
    }

    @Override
    public long bytes() {
        return file.bytes();
    }

    @Override
    public void close() {
        source.close();
    }
}
