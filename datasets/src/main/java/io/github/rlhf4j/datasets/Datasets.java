package io.github.rlhf4j.datasets;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.files.Sha256;
import io.github.rlhf4j.core.stage.Progress;
import io.github.rlhf4j.datasets.io.DataFile;
import io.github.rlhf4j.datasets.io.DataFiles;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Opens datasets: files, and the sources that modules have bound by name. */
public final class Datasets {
    private static final long BYTES_TO_READ_WHOLE = 64L << 20;
    private static final long BYTES_TO_DECOMPRESS = 128L << 20; // of what is read whole
    private static final long ROWS_TO_READ_WHOLE = 2_000_000;
    private static final long FIRST_ROWS = 1_000;
    private static final long LEAST_ROWS = 10; // of each of many files
    private static final long ANY_SEED = 0; // kinds do not depend on it

    private final Map<String, DatasetSource> sources;
    private final Map<DatasetSpec, Look> looked =
            new ConcurrentHashMap<>(); // every stage of a run may name the same file

    @Inject
    Datasets(Map<String, DatasetSource> sources) {
        this.sources = Map.copyOf(sources);
    }

    /** Datasets without an injector: those in files. */
    public static Datasets ofFiles() {
        return of(Map.of());
    }

    /**
     * Datasets without an injector: those in files, and sources by the names that specs have in front of a colon.
     *
     * @param sources by name
     */
    public static Datasets of(Map<String, DatasetSource> sources) {
        return new Datasets(sources);
    }

    /**
     * Opens a dataset as records of class {@code wanted}, converting where a row can serve as that (a pair as a ranking of two, anything with a prompt as a prompt).
     *
     * @param seed of the run's data, for sources that make theirs up
     * @throws UserError when the file is missing or malformed, of a kind that cannot serve, or no row is left
     */
    public <T extends DataRecord> RecordSet<T> open(DatasetSpec spec, Class<T> wanted, long seed) {
        return read(spec, List.of(RecordKind.of(wanted)), seed, Progress.NONE, Optional.empty());
    }

    /**
     * Opens a dataset whose kind may be any of {@code accepted}; a dataset of another kind is converted to the first of them that it can serve as.
     *
     * @throws UserError as the other
     */
    public RecordSet<DataRecord> open(DatasetSpec spec, List<RecordKind> accepted, long seed) {
        return open(spec, accepted, seed, Progress.NONE);
    }

    /** As the other; {@code progress} advances by every row read. */
    public RecordSet<DataRecord> open(DatasetSpec spec, List<RecordKind> accepted, long seed, Progress progress) {
        return read(spec, accepted, seed, progress, Optional.empty());
    }

    /** As the other; where a cluster has workers they make the texts of HTML in web archives. The rows are the same. */
    public RecordSet<DataRecord> open(
            DatasetSpec spec, List<RecordKind> accepted, long seed, Progress progress, Cluster cluster) {
        return read(spec, accepted, seed, progress, Optional.of(cluster).filter(Cluster::hasWorkers));
    }

    private <T extends DataRecord> RecordSet<T> read(
            DatasetSpec spec, List<RecordKind> accepted, long seed, Progress progress, Optional<Cluster> workers) {
        try (RecordReader reader = reader(spec, seed, workers)) {
            RecordKind kind = target(spec, reader.kind(), accepted);
            RecordSet.Builder builder = new RecordSet.Builder();
            UnpairedOrder order = new UnpairedOrder(builder::add);
            Iterator<? extends DataRecord> rows = reader.rows();
            for (long read = 0; read < spec.limit() && rows.hasNext(); read++) {
                DataRecord row = rows.next();
                progress.advance(1);
                if (row.kind() != reader.kind()) {
                    throw new IllegalStateException(spec.path() + " promised " + reader.kind() + " but gave " + row);
                }
                if (spec.split().contains(row.promptKey())) {
                    order.addRow(
                            kept(spec, RecordConversion.convert(row, kind)),
                            reader.file().orElse(""),
                            reader.line());
                }
            }
            order.finish();
            if (builder.size() == 0) {
                throw empty(spec, reader.dropReport());
            }
            return builder.build(spec.path(), reader.fileSha256(), kind, reader.dropReport());
        }
    }

    /** Prompts with no more columns than are kept: a bound source may give more. */
    private static List<DataRecord> kept(DatasetSpec spec, List<DataRecord> rows) {
        if (rows.size() == 1 && rows.get(0) instanceof Prompt prompt) {
            RowTags tags = prompt.tags();
            Map<String, Object> columns = spec.keep().of(tags.columns());
            return columns.equals(tags.columns())
                    ? rows
                    : List.of(new Prompt(prompt.prompt(), new RowTags(tags.id(), tags.useCase(), columns)));
        }
        return rows;
    }

    /**
     * Looks at a dataset before a run starts: it is there, well-formed, of a kind that can serve, and has a row. Files are read whole up to 64 MiB together (128 MiB decompressed, 2,000,000 rows), larger ones in their first
     * rows; what a module has bound makes its own {@link DatasetSource#check}.
     *
     * @param evalFraction the part to be held out by {@link RecordSet#holdOut}, or 0
     * @throws UserError as {@link #open(DatasetSpec, Class, long)}, and when all rows are read and one side of the hold-out is empty
     */
    public Look check(DatasetSpec spec, List<RecordKind> accepted, double evalFraction) {
        Optional<BoundSource> bound = source(spec, ANY_SEED);
        if (bound.isPresent()) {
            RecordKind kind = bound.get().source().kind(bound.get().request());
            target(spec, kind, accepted);
            bound.get().source().check(bound.get().request());
            if (!hasCheckOfItsOwn(bound.get().source())) {
                requireFirstRow(spec, bound.get());
            }
            return new Look(kind, kind == RecordKind.CONVERSATION);
        }
        if (spec.isMadeByStage()) { // perhaps later
            boolean isKnown = !spec.format().isEmpty();
            return new Look(
                    isKnown ? target(spec, RecordKind.named(spec.format()).orElseThrow(), accepted) : accepted.get(0),
                    false);
        }
        Look look = looked.computeIfAbsent(spec.withSplit(SplitSpec.ALL), Datasets::look);
        requireRows(spec, target(spec, look.kind(), accepted), evalFraction);
        return look;
    }

    /**
     * What a look at a dataset found.
     *
     * @param kind of its rows
     * @param isConversational whether one of the rows looked at consists of chat messages
     */
    public record Look(RecordKind kind, boolean isConversational) {}

    /** Reads the rows of files, all of them or the first of each, for the sake of what may be wrong with them. */
    private static Look look(DatasetSpec spec) {
        DataFiles files = DataFiles.of(spec.paths());
        if (files.bytes() <= BYTES_TO_READ_WHOLE) {
            return look(spec, spec.limit());
        }
        long rows = Math.max(LEAST_ROWS, FIRST_ROWS / files.list().size());
        return files.list().stream()
                .filter(file -> file.bytes() > 0)
                .map(file -> look(spec.withPaths(List.of(file.path().toString())), Math.min(rows, spec.limit())))
                .reduce(
                        (first, other) -> // that all are of one kind is found when they are read
                        new Look(first.kind(), first.isConversational() || other.isConversational()))
                .orElseThrow();
    }

    private static Look look(DatasetSpec spec, long rows) {
        try (FileRecordReader reader = new FileRecordReader(spec)) {
            Iterator<? extends DataRecord> records = reader.rows();
            boolean isConversational = false;
            for (long read = 0; read < rows && isBounded(reader, read) && records.hasNext(); read++) {
                isConversational |= records.next().isConversational();
            }
            return new Look(reader.kind(), isConversational);
        }
    }

    /** A row, or with an evaluation part one on each side; only what is read to its end can lack one. */
    private static void requireRows(DatasetSpec spec, RecordKind kind, double evalFraction) {
        boolean isSmall = DataFiles.of(spec.paths()).bytes() <= BYTES_TO_READ_WHOLE;
        long most = isSmall ? spec.limit() : Math.min(FIRST_ROWS, spec.limit());
        long[] sides = new long[2]; // rows to train on, rows to evaluate on
        try (FileRecordReader reader = new FileRecordReader(spec)) {
            Iterator<? extends DataRecord> rows = reader.rows();
            long read = 0;
            for (; read < most && isBounded(reader, read) && rows.hasNext(); read++) {
                DataRecord row = rows.next();
                if (spec.split().contains(row.promptKey())) {
                    for (DataRecord converted : RecordConversion.convert(row, kind)) {
                        sides[RecordSet.isHeldOut(converted, evalFraction) ? 1 : 0]++;
                    }
                }
                if (sides[0] > 0 && (sides[1] > 0 || evalFraction == 0)) {
                    return;
                }
            }
            boolean allSeen = (most == spec.limit() || read < most) && isBounded(reader, read);
            if (allSeen && sides[0] + sides[1] == 0) {
                throw empty(spec, reader.dropReport());
            }
            if (allSeen) {
                throw RecordSet.emptySide(evalFraction, spec.path(), sides[0], sides[1]);
            }
        }
    }

    /** Whether to read on: a small file may hold very much. */
    private static boolean isBounded(FileRecordReader reader, long read) {
        return reader.bytesRead() < BYTES_TO_DECOMPRESS && read < ROWS_TO_READ_WHOLE;
    }

    private static boolean hasCheckOfItsOwn(DatasetSource source) {
        try {
            return source.getClass().getMethod("check", DatasetRequest.class).getDeclaringClass()
                    != DatasetSource.class;
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void requireFirstRow(DatasetSpec spec, BoundSource bound) {
        try (RecordReader reader = new SourceReader(bound.source(), bound.request())) {
            if (!reader.rows().hasNext()) {
                throw empty(spec, reader.dropReport());
            }
        }
    }

    /** The files that a dataset is read from; empty where a module has bound it. */
    public Optional<List<Path>> files(DatasetSpec spec) {
        return source(spec, ANY_SEED).isPresent()
                ? Optional.empty()
                : Optional.of(DataFiles.of(spec.paths()).list().stream()
                        .map(DataFile::path)
                        .toList());
    }

    /**
     * SHA-256 of the rows of a dataset, as far as its limit and before its split: what identifies one that is no file.
     *
     * @param seed of the run's data
     */
    public String rowsSha256(DatasetSpec spec, long seed) {
        Sha256 digest = new Sha256();
        try (RecordReader reader = reader(spec, seed, Optional.empty())) {
            Iterator<? extends DataRecord> rows = reader.rows();
            for (long read = 0; read < spec.limit() && rows.hasNext(); read++) {
                digest.add(RecordJson.toLine(rows.next())).add("\n");
            }
        }
        return digest.hex();
    }

    private record BoundSource(DatasetSource source, DatasetRequest request) {}

    private RecordReader reader(DatasetSpec spec, long seed, Optional<Cluster> workers) {
        return source(spec, seed)
                .<RecordReader>map(bound -> new SourceReader(bound.source(), bound.request()))
                .orElseGet(() -> new FileRecordReader(spec, workers));
    }

    /** The bound source that a spec names; empty where it names files. */
    private Optional<BoundSource> source(DatasetSpec spec, long seed) {
        DatasetSource byFormat = sources.get(spec.format());
        if (byFormat != null) {
            return Optional.of(new BoundSource(byFormat, request(spec, spec.path(), seed)));
        }
        for (String path : spec.paths()) {
            int colon = path.indexOf(':');
            String prefix = colon < 0 ? "" : path.substring(0, colon);
            DatasetSource byPrefix = sources.get(prefix);
            if (byPrefix != null && spec.paths().size() == 1) {
                DatasetRequest request = request(spec, path.substring(colon + 1), seed);
                return Optional.of(new BoundSource(byPrefix, request));
            }
            if (byPrefix != null) {
                throw new UserError("dataset.path is a list with " + path
                        + ", but a list must name files; name a bound dataset alone");
            }
            if (DatasetSpec.namesSource(path)) {
                throw new UserError("dataset %s: unknown source %s; available: %s"
                        .formatted(path, prefix, String.join(", ", new TreeSet<>(sources.keySet()))));
            }
        }
        return Optional.empty();
    }

    private static DatasetRequest request(DatasetSpec spec, String location, long seed) {
        return new DatasetRequest(location, spec.columns(), seed, spec.split(), spec.limit());
    }

    private static RecordKind target(DatasetSpec spec, RecordKind found, List<RecordKind> accepted) {
        if (accepted.contains(found)) {
            return found;
        }
        return accepted.stream()
                .filter(kind -> RecordConversion.isPossible(found, kind))
                .findFirst()
                .orElseThrow(() -> new UserError("dataset %s has rows of format %s (%s), but this stage needs %s"
                        .formatted(
                                spec.path(),
                                found.configName(),
                                found.columns(),
                                accepted.stream()
                                        .map(kind -> kind.configName() + " (" + kind.columns() + ")")
                                        .collect(Collectors.joining(" or ")))));
    }

    private static UserError empty(DatasetSpec spec, DropReport dropReport) {
        String dropped = dropReport.total() == 0 ? "" : "; " + String.join("; ", dropReport.lines(spec.path()));
        String part = spec.split().equals(SplitSpec.ALL)
                ? ""
                : " in its part " + spec.split().part();
        return new UserError("dataset " + spec.path() + " has no usable row" + part + dropped);
    }

    /** Rows of a bound source. */
    private static final class SourceReader implements RecordReader {
        private final RecordKind kind;
        private final Stream<? extends DataRecord> rows;

        SourceReader(DatasetSource source, DatasetRequest request) {
            this.kind = source.kind(request);
            this.rows = source.records(request);
        }

        @Override
        public RecordKind kind() {
            return kind;
        }

        @Override
        public Iterator<? extends DataRecord> rows() {
            return rows.iterator();
        }

        @Override
        public void close() {
            rows.close();
        }
    }
}
