package io.github.rlhf4j.datasets.io;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.LocalInputFile;
import org.jspecify.annotations.Nullable;

/** The rows of a Parquet file; their number stands for a line's. Only the columns asked for are read. Memory holds one row group of them. */
final class ParquetRows implements RowSource {
    private final Path path;
    private final ParquetRecords records;
    private final ParquetReader<ObjectNode> reader;
    private long row;
    private @Nullable ObjectNode next;

    /**
     * Opens it.
     *
     * @param wanted whether a column is read, by its name
     */
    ParquetRows(Path path, Predicate<String> wanted) {
        this.path = path;
        this.records = new ParquetRecords(wanted);
        try {
            this.reader = new Builder(new LocalInputFile(path), records).build();
            this.next = reader.read();
        } catch (IOException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
            throw damaged(e);
        }
    }

    private static final class Builder extends ParquetReader.Builder<ObjectNode> {
        private final ParquetRecords records;

        Builder(InputFile file, ParquetRecords records) {
            super(file, new PlainParquetConfiguration());
            this.records = records;
            withCodecFactory(new ParquetCodecs());
            usePageChecksumVerification(true); // of pages that have one
        }

        @Override
        protected ReadSupport<ObjectNode> getReadSupport() {
            return records;
        }
    }

    @Override
    public Set<String> unread() {
        return records.unread();
    }

    @Override
    public boolean hasNext() {
        return next != null;
    }

    @Override
    public Row next() {
        ObjectNode columns = next;
        if (columns == null) {
            throw new NoSuchElementException();
        }
        row++;
        try {
            next = reader.read();
        } catch (IOException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
            throw damaged(e);
        }
        return new Row(path.toString(), row, columns);
    }

    private UserError damaged(Throwable cause) {
        if (cause instanceof OutOfMemoryError) {
            // Parquet's own reader believes the sizes of pages before it has read them
            return new UserError(
                    "%s row %d: the file asks for more memory than there is (%d MiB): it is damaged, or its row groups are too large; fetch it again, write it with smaller ones, or give more by RLHF4J_JAVA_OPTS=-Xmx..."
                            .formatted(path, row + 1, Runtime.getRuntime().maxMemory() >> 20),
                    cause);
        }
        Throwable root = cause;
        for (Throwable each = cause; each != null; each = each.getCause()) {
            if (each instanceof UserError mistake) { // of a value or a codec
                return new UserError(path + " row " + (row + 1) + ": " + mistake.getMessage(), mistake);
            }
            root = each;
        }
        String what = root.getMessage() == null
                ? "its parts contradict each other"
                : root.getMessage().replaceFirst("^\\S*LocalInputFile@\\S+ is not a Parquet file", "it has no end");
        return new UserError(
                "%s row %d: not a readable Parquet file (%s); fetch it again"
                        .formatted(path, row + 1, what.lines().findFirst().orElse("")),
                cause);
    }

    @Override
    public void close() {
        try {
            reader.close();
        } catch (IOException e) {
            throw DataFile.unreadable(path, row, e);
        }
    }
}
