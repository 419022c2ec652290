package io.github.rlhf4j.datasets.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.jerolba.carpet.CarpetReader;
import com.jerolba.carpet.CloseableIterator;
import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** The rows of a Parquet file; their number stands for a line's. Memory holds one row group. */
final class ParquetRows implements RowSource {
    private final Path path;
    private final CloseableIterator<Map<String, Object>> rows;
    private long row;

    @SuppressWarnings({"unchecked", "rawtypes"}) // Carpet reads any schema as Map.class
    ParquetRows(Path path) {
        this.path = path;
        try {
            CarpetReader<Map<String, Object>> reader = new CarpetReader<>(path.toFile(), (Class) Map.class);
            this.rows = reader.iterator();
        } catch (RuntimeException e) {
            throw damaged(e);
        } catch (LinkageError e) { // the codecs that need Hadoop itself, gzip among them
            throw compressed(e);
        }
    }

    @Override
    public boolean hasNext() {
        try {
            return rows.hasNext();
        } catch (RuntimeException e) {
            throw damaged(e);
        } catch (LinkageError e) { // the codecs that need Hadoop itself, gzip among them
            throw compressed(e);
        }
    }

    @Override
    public Row next() {
        Map<String, Object> columns = rows.next();
        row++;
        JsonNode node = StrictJson.MAPPER.valueToTree(columns);
        return new Row(path.toString(), row, StrictJson.object(path, row, node));
    }

    private UserError compressed(LinkageError cause) {
        return new UserError(
                path + " is compressed with a codec that is not read here; write it with snappy, zstd or none", cause);
    }

    private UserError damaged(RuntimeException cause) {
        return new UserError(
                "%s row %d: not a readable Parquet file (%s); fetch it again"
                        .formatted(path, row + 1, cause.getMessage()),
                cause);
    }

    @Override
    public void close() {
        try {
            rows.close();
        } catch (IOException e) {
            throw DataFile.unreadable(path, row, e);
        }
    }
}
