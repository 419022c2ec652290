package io.github.rlhf4j.datasets;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.datasets.RowParser.DroppedRow;
import io.github.rlhf4j.datasets.io.DataFile;
import io.github.rlhf4j.datasets.io.Row;
import io.github.rlhf4j.datasets.io.RowSource;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** The rows of one file, whose format its first rows tell. */
final class FileRows implements AutoCloseable {
    private static final int ROWS_TO_RECOGNISE = 10;

    private final Path path;
    private final RowSource source;
    private final Deque<Row> first = new ArrayDeque<>();
    private final Optional<KnownLayout> layout;
    private final RecordKind kind;
    private final RowParser parser;

    /** Opens it; a file without rows has an arbitrary kind. */
    FileRows(DataFile file, DatasetSpec spec) {
        this.path = file.path();
        this.source = file.rows();
        boolean isOpened = false;
        try {
            while (first.size() < ROWS_TO_RECOGNISE && source.hasNext()) {
                first.add(source.next());
            }
            List<ObjectNode> columns = first.stream().map(Row::columns).toList();
            this.layout = spec.columns().isEmpty() && spec.format().isEmpty()
                    ? KnownLayout.of(RowFormat.columns(columns))
                    : Optional.empty();
            RowFormat format = first.isEmpty() || layout.isPresent()
                    ? RowFormat.PAIR
                    : RowFormat.recognise(path.toString(), spec.format(), spec.columns(), columns);
            this.kind = format.kind();
            this.parser = new RowParser(format);
            isOpened = true;
        } finally {
            if (!isOpened) {
                source.close();
            }
        }
    }

    Path path() {
        return path;
    }

    RecordKind kind() {
        return kind;
    }

    boolean hasNext() {
        return !first.isEmpty() || source.hasNext();
    }

    Row next() {
        return first.isEmpty() ? source.next() : first.removeFirst();
    }

    DataRecord parse(Row row) throws DroppedRow {
        return parser.parse(layout.isPresent() ? row.with(layout.get().standard(row)) : row);
    }

    @Override
    public void close() {
        source.close();
    }
}
