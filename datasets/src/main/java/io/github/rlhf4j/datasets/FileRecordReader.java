package io.github.rlhf4j.datasets;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.datasets.RowParser.DroppedRow;
import io.github.rlhf4j.datasets.io.DataFile;
import io.github.rlhf4j.datasets.io.DataFiles;
import io.github.rlhf4j.datasets.io.Row;
import io.github.rlhf4j.datasets.io.Skipped;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads files, one after the other, as one stream of records of one kind. One row is in memory at a time. */
final class FileRecordReader implements RecordReader {
    private final DatasetSpec spec;
    private final DataFiles files;
    private final Optional<Cluster> workers;
    private FileRows current;
    private int opened;
    private long bytesBefore; // of the present file
    private DropReport dropReport = DropReport.NONE;
    private String file = "";
    private long line;

    /** As the other; this process makes all rows. */
    FileRecordReader(DatasetSpec spec) {
        this(spec, Optional.empty());
    }

    /**
     * Finds the files of {@code spec} and recognises the format of the first.
     *
     * @param workers as {@link FileRows} has them
     * @throws UserError when one is missing, all are empty, or the first is malformed at its start or of no known format
     */
    FileRecordReader(DatasetSpec spec, Optional<Cluster> workers) {
        this.spec = spec;
        this.files = DataFiles.of(spec.paths());
        this.workers = workers;
        this.current = openNext().orElseThrow(this::empty);
    }

    private UserError empty() {
        String what = dropReport.total() > 0
                ? " has no usable row; " + String.join("; ", dropReport.lines(spec.path()))
                : files.list().size() == 1
                        ? " is empty; it must have at least one row"
                        : " has only empty files; it must have at least one row";
        return new UserError("dataset " + spec.path() + what);
    }

    /** Opens the next file that is not empty. */
    private Optional<FileRows> openNext() {
        while (opened < files.list().size()) {
            DataFile file = files.list().get(opened++);
            FileRows rows = new FileRows(file, spec, workers);
            if (rows.hasNext()) {
                return Optional.of(rows);
            }
            noteSkipped(rows);
            rows.close();
        }
        return Optional.empty();
    }

    @Override
    public RecordKind kind() {
        return current.kind();
    }

    /** Whether another row follows, perhaps in the next file, which must be of the same format. */
    private boolean advance() {
        while (!current.hasNext()) {
            noteSkipped(current);
            Optional<FileRows> following = openNext();
            if (following.isEmpty()) {
                return false;
            }
            RecordKind kind = current.kind();
            bytesBefore += current.bytesRead();
            current.close();
            current = following.get();
            if (current.kind() != kind) {
                throw new UserError(
                        "%s has rows of format %s, but the files of %s before it have %s; all files of a dataset must have one format"
                                .formatted(
                                        current.path(), current.kind().configName(), spec.path(), kind.configName()));
            }
        }
        return true;
    }

    @Override
    public Iterator<DataRecord> rows() {
        return new Iterator<>() {
            private @Nullable DataRecord next;

            @Override
            public boolean hasNext() {
                while (next == null && advance()) {
                    Row row = current.next();
                    noteSkipped(current);
                    try {
                        next = current.parse(row);
                        file = row.file();
                        line = row.line();
                    } catch (DroppedRow e) {
                        dropReport = dropReport.with(String.valueOf(e.getMessage()), place(row));
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
    public Optional<String> file() {
        return Optional.of(file);
    }

    @Override
    public long line() {
        return line;
    }

    private void noteSkipped(FileRows rows) {
        for (Skipped skipped : rows.takeSkipped()) {
            dropReport = dropReport.with(skipped.reason(), place(rows.path().toString(), skipped.line()));
        }
    }

    private String place(Row row) {
        return place(row.file(), row.line());
    }

    private String place(String path, long at) {
        return (files.list().size() > 1 ? path + " " : "") + "line " + at;
    }

    /** Bytes read so far, decompressed; those of Parquet files are not counted. */
    long bytesRead() {
        return bytesBefore + current.bytesRead();
    }

    @Override
    public DropReport dropReport() {
        return dropReport;
    }

    @Override
    public Optional<String> fileSha256() {
        return Optional.of(files.sha256());
    }

    @Override
    public void close() {
        current.close();
    }
}
