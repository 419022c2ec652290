package io.github.rlhf4j.datasets;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.Sha256;
import io.github.rlhf4j.core.tokenizer.ValidText;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The rows of an opened dataset, in the order of their source, all of one kind. Memory is constant in the number of rows: they lie in a temporary file that
 * ends with {@link #close} or the process.
 *
 * <p>Reading is safe from several threads.
 *
 * @param <T> the record class
 */
public final class RecordSet<T extends DataRecord> implements Iterable<T>, AutoCloseable {
    private static final int HEADER =
            2 * Integer.BYTES + Long.BYTES; // the length of a row, the number of its file, its line

    private final DatasetOrigin origin;
    private final RecordKind kind;
    private final DropReport dropReport;
    private final SpoolFile rows;
    private final SpoolFile index; // 8 bytes for each row: its position in rows, where HEADER precedes it
    private final Runnable onRow;
    private final List<String> files; // by number; a row has that of its file, and its line

    RecordSet(
            DatasetOrigin origin,
            RecordKind kind,
            DropReport dropReport,
            SpoolFile rows,
            SpoolFile index,
            List<String> files) {
        this(origin, kind, dropReport, rows, index, files, () -> {});
    }

    private RecordSet(
            DatasetOrigin origin,
            RecordKind kind,
            DropReport dropReport,
            SpoolFile rows,
            SpoolFile index,
            List<String> files,
            Runnable onRow) {
        this.origin = origin;
        this.kind = kind;
        this.dropReport = dropReport;
        this.rows = rows;
        this.index = index;
        this.files = files;
        this.onRow = onRow;
    }

    /** The same rows, telling {@code onRow} whenever one is read; they belong to this set, which must stay open. */
    public RecordSet<T> observed(Runnable onRow) {
        return new RecordSet<>(origin, kind, dropReport, rows, index, files, onRow);
    }

    /** Where the rows came from, for provenance. */
    public DatasetOrigin origin() {
        return origin;
    }

    /** The kind of every row. */
    public RecordKind kind() {
        return kind;
    }

    /** What was left out while reading. */
    public DropReport dropReport() {
        return dropReport;
    }

    /** Rows; at least 1. */
    public long size() {
        return index.size() / Long.BYTES;
    }

    /** Row {@code i}, 0 to {@link #size} - 1. */
    @SuppressWarnings("unchecked") // Datasets makes a set of T only from rows of that kind
    public T get(long i) {
        return (T) RecordJson.fromStored(kind, stored(i));
    }

    private byte[] stored(long i) {
        if (i < 0 || i >= size()) {
            throw new IndexOutOfBoundsException("row " + i + " of " + size());
        }
        long position = index.read(i * Long.BYTES, Long.BYTES).getLong();
        int length = rows.read(position, Integer.BYTES).getInt();
        onRow.run();
        return rows.read(position + HEADER, length).array();
    }

    /** The rows from {@code first} on as they are stored, for {@link RecordJson#fromStored}, perhaps in another process. */
    public Iterator<byte[]> storedFrom(long first) {
        return LongStream.range(first, size()).mapToObj(this::stored).iterator();
    }

    /** Row {@code i} with the place that it was read from: {@code file} and {@code line} where it is in a file, {@code row}. */
    public Map<String, Object> describe(long i) {
        ByteBuffer header = rows.read(index.read(i * Long.BYTES, Long.BYTES).getLong(), HEADER);
        header.getInt(); // the length
        int file = header.getInt();
        Map<String, Object> described = new LinkedHashMap<>();
        if (!files.get(file).isEmpty()) {
            described.put("file", files.get(file));
            described.put("line", header.getLong());
        }
        described.put("row", RecordJson.toMap(get(i)));
        return described;
    }

    @Override
    public Iterator<T> iterator() {
        return new Iterator<>() {
            private long next;

            @Override
            public boolean hasNext() {
                return next < size();
            }

            @Override
            public T next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                return get(next++);
            }
        };
    }

    /** All rows in order. */
    public Stream<T> stream() {
        return LongStream.range(0, size()).mapToObj(this::get);
    }

    /**
     * Holds out a part of the prompts for evaluation, by a hash that is independent of {@link SplitSpec}'s: rows with the same prompt stay together.
     *
     * @param fraction of the prompts, in (0, 1)
     * @throws UserError when a side would be empty
     */
    public HoldOut<T> holdOut(double fraction) {
        if (!(fraction > 0 && fraction < 1)) {
            throw new UserError("eval_fraction must be greater than 0 and less than 1, but is " + fraction);
        }
        RecordSet<T> train = select(row -> !isHeldOut(row, fraction));
        RecordSet<T> eval = select(row -> isHeldOut(row, fraction));
        if (train.size() == 0 || eval.size() == 0) {
            throw emptySide(fraction, origin.path(), train.size(), eval.size());
        }
        return new HoldOut<>(train, eval);
    }

    static boolean isHeldOut(DataRecord row, double fraction) {
        return SplitSpec.position("eval_fraction", row.promptKey()) < fraction;
    }

    static UserError emptySide(double fraction, String path, long train, long eval) {
        return new UserError(
                ("eval_fraction %s of %s leaves %d rows to train on and %d to evaluate on; both must have some: "
                                + "take another fraction or give eval_dataset")
                        .formatted(fraction, path, train, eval));
    }

    /** The two sides of {@link #holdOut}; they read from the set they came from, which must stay open. */
    public record HoldOut<T extends DataRecord>(RecordSet<T> train, RecordSet<T> eval) {}

    private RecordSet<T> select(Predicate<T> wanted) {
        SpoolFile selected = new SpoolFile();
        Sha256 digest = new Sha256().add(origin.contentHash());
        for (long i = 0; i < size(); i++) {
            if (wanted.test(get(i))) {
                selected.append(index.read(i * Long.BYTES, Long.BYTES));
                digest.add(ByteBuffer.allocate(Long.BYTES).putLong(i).flip());
            }
        }
        selected.flush();
        DatasetOrigin part =
                new DatasetOrigin(origin.path(), origin.sha256(), digest.hex(), selected.size() / Long.BYTES);
        return new RecordSet<>(part, kind, dropReport, rows, selected, files);
    }

    @Override
    public void close() {
        rows.close();
        index.close();
    }

    /** Writes rows for a set. */
    static final class Builder {
        private final SpoolFile rows = new SpoolFile();
        private final SpoolFile index = new SpoolFile();
        private final Sha256 digest = new Sha256();
        private final List<String> files = new ArrayList<>();

        void add(UnpairedOrder.Placed placed) {
            byte[] line = ValidText.of(RecordJson.toStoredLine(placed.of())).getBytes(StandardCharsets.UTF_8);
            digest.add(line).add("\n");
            ByteBuffer row = ByteBuffer.allocate(HEADER + line.length)
                    .putInt(line.length)
                    .putInt(number(placed.file()))
                    .putLong(placed.line());
            long position = rows.append(row.put(line).flip());
            index.append(ByteBuffer.allocate(Long.BYTES).putLong(position).flip());
        }

        /** Rows of a file follow each other, but for some that are put off. */
        private int number(String file) {
            int number = files.lastIndexOf(file);
            if (number < 0) {
                files.add(file);
            }
            return number < 0 ? files.size() - 1 : number;
        }

        long size() {
            return index.size() / Long.BYTES;
        }

        <T extends DataRecord> RecordSet<T> build(
                String path, Optional<String> fileSha256, RecordKind kind, DropReport dropReport) {
            rows.flush();
            index.flush();
            String contentHash = digest.hex();
            DatasetOrigin origin = new DatasetOrigin(path, fileSha256.orElse(contentHash), contentHash, size());
            return new RecordSet<>(origin, kind, dropReport, rows, index, List.copyOf(files));
        }
    }
}
