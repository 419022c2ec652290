package io.github.rlhf4j.datasets;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.datasets.RowParser.DroppedRow;
import io.github.rlhf4j.datasets.io.DataFile;
import io.github.rlhf4j.datasets.io.ReadOptions;
import io.github.rlhf4j.datasets.io.Row;
import io.github.rlhf4j.datasets.io.RowLimit;
import io.github.rlhf4j.datasets.io.RowSource;
import io.github.rlhf4j.datasets.io.Skipped;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The rows of one file, whose format its first rows tell. */
final class FileRows implements AutoCloseable {
    private static final int ROWS_TO_RECOGNISE = 10;

    private final Path path;
    private final RowSource source;
    private final Deque<Row> first = new ArrayDeque<>();
    private final Map<String, String> renaming;
    private final Optional<KnownLayout> layout;
    private final RecordKind kind;
    private final RowParser parser;

    /**
     * Opens it; a file without rows has an arbitrary kind.
     *
     * @param workers as {@link ReadOptions} has them
     */
    FileRows(DataFile file, DatasetSpec spec, Optional<Cluster> workers) {
        this.path = file.path();
        this.source = file.rows(new ReadOptions(spec.separator(), RowFormat.wanted(spec), RowLimit.USUAL, workers));
        boolean isOpened = false;
        try {
            while (first.size() < ROWS_TO_RECOGNISE && source.hasNext()) {
                first.add(source.next());
            }
            List<ObjectNode> rows = first.stream().map(Row::columns).toList();
            Set<String> columns = RowFormat.columns(rows);
            columns.addAll(source.unread());
            Set<String> texts = new LinkedHashSet<>(columns);
            texts.removeAll(RowFormat.numbers(rows));
            this.renaming = spec.columns();
            if (!first.isEmpty()) {
                spec.keep().check(path.toString(), names(source.unread()));
            }
            this.layout = first.isEmpty() ? Optional.empty() : layout(spec, columns);
            RowFormat format = first.isEmpty() || layout.isPresent()
                    ? RowFormat.of(layout.map(KnownLayout::kind).orElse(RecordKind.PREFERENCE))
                    : RowFormat.recognise(path.toString(), spec.format(), spec.columns(), columns, texts);
            this.kind = format.kind();
            this.parser = new RowParser(format, spec.keep());
            isOpened = true;
        } finally {
            if (!isOpened) {
                source.close();
            }
        }
    }

    /** Every column of the first rows, those that are null there too. */
    private Set<String> names(Set<String> unread) {
        Set<String> names = new LinkedHashSet<>();
        first.forEach(row -> row.columns().fieldNames().forEachRemaining(names::add));
        names.addAll(unread);
        return names;
    }

    private Optional<KnownLayout> layout(DatasetSpec spec, Set<String> found) {
        if (spec.format().isEmpty()) {
            return spec.columns().isEmpty() ? KnownLayout.of(found) : Optional.empty();
        }
        Set<String> named = new LinkedHashSet<>(found);
        spec.columns().forEach((ours, theirs) -> {
            if (found.contains(theirs)) {
                named.add(ours);
            }
        });
        return KnownLayout.named(spec.format(), path.toString(), named);
    }

    Path path() {
        return path;
    }

    RecordKind kind() {
        return kind;
    }

    /** Bytes of the file read so far, decompressed; 0 where that is not known. */
    long bytesRead() {
        return source.bytesRead();
    }

    /** What of the file has been passed over since this was last asked for. */
    List<Skipped> takeSkipped() {
        return source.takeSkipped();
    }

    boolean hasNext() {
        return !first.isEmpty() || source.hasNext();
    }

    Row next() {
        return first.isEmpty() ? source.next() : first.removeFirst();
    }

    DataRecord parse(Row row) throws DroppedRow {
        return parser.parse(layout.isPresent() ? row.with(layout.get().standard(renamed(row))) : row);
    }

    /** The row of a layout under the layout's own names. */
    private Row renamed(Row row) {
        if (renaming.isEmpty()) {
            return row;
        }
        ObjectNode columns = row.columns().deepCopy();
        renaming.forEach((ours, theirs) -> {
            if (row.columns().has(theirs)) {
                columns.set(ours, row.columns().get(theirs));
            }
        });
        return row.with(columns);
    }

    @Override
    public void close() {
        source.close();
    }
}
