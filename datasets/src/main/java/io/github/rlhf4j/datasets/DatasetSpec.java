package io.github.rlhf4j.datasets;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.UserError;
import java.io.File;
import java.util.List;
import java.util.Map;

/**
 * The {@code dataset:} of a run file: a string (the path), a list of paths, or a map {path, format, split, limit, columns, keep, separator}. First the limit applies, then the split.
 *
 * @param paths files, folders or globs relative to the working directory, read one after the other, or one {@code name:location} of a bound {@link DatasetSource} such as {@code
 *     synthetic:demonstrations}; at least one
 * @param format the name of a {@link RecordKind} or of a bound source; empty: recognised from the columns
 * @param split the part to take; {@link SplitSpec#ALL} by default
 * @param limit take at most so many rows from the start (rows that are dropped do not count), >= 1; {@link #NO_LIMIT} by default
 * @param columns our column name to the file's, for files with other names; empty by default
 * @param keep which columns stay with the rows, for reward functions; {@link KeptColumns#UNSAID} by default
 * @param separator what is between the documents of a file of raw text; empty by default: the file is one
 * @param isMadeByStage whether an earlier stage of the run makes it, which may not have run yet
 */
public record DatasetSpec(
        List<String> paths,
        String format,
        SplitSpec split,
        long limit,
        Map<String, String> columns,
        KeptColumns keep,
        String separator,
        boolean isMadeByStage) {
    /** All rows. */
    public static final long NO_LIMIT = Long.MAX_VALUE;

    private static final List<String> KEYS =
            List.of("path", "format", "split", "limit", "columns", "keep", "separator");

    public DatasetSpec {
        paths = List.copyOf(paths);
        if (paths.isEmpty() || paths.stream().anyMatch(String::isBlank)) {
            throw new UserError("dataset.path must name a file, a folder or synthetic:<part>, but is empty");
        }
        if (limit < 1) {
            throw new UserError("dataset.limit must be >= 1, but is " + limit);
        }
        columns = Map.copyOf(columns);
    }

    /** Of files, or bound. */
    public DatasetSpec(
            List<String> paths,
            String format,
            SplitSpec split,
            long limit,
            Map<String, String> columns,
            KeptColumns keep,
            String separator) {
        this(paths, format, split, limit, columns, keep, separator, false);
    }

    /** Without a separator, and nothing said of columns to keep. */
    public DatasetSpec(List<String> paths, String format, SplitSpec split, long limit, Map<String, String> columns) {
        this(paths, format, split, limit, columns, KeptColumns.UNSAID, "");
    }

    /** One path. */
    public DatasetSpec(String path, String format, SplitSpec split, long limit, Map<String, String> columns) {
        this(List.of(path), format, split, limit, columns);
    }

    /** The path as messages name it; several are separated by commas. */
    public String path() {
        return String.join(", ", paths);
    }

    /** Whether a bound {@link DatasetSource} gives the rows, which may make them up of the run's seed: by the rule of {@link Datasets}, as far as it can be told without knowing the sources. */
    public boolean isOfSource() {
        if (isMadeByStage) {
            return false;
        }
        boolean isOfFile = format.isEmpty()
                || KnownLayout.names().contains(format)
                || RecordKind.named(format).isPresent();
        return !isOfFile || paths.size() == 1 && namesSource(paths.get(0));
    }

    /** Whether a path is {@code source:location} rather than a file's. */
    static boolean namesSource(String path) {
        return path.matches("(?s)[a-z0-9_-]{2,}:.*") && !new File(path).exists();
    }

    /** Whether that is a key of the map in a run file. */
    public static boolean isKey(String name) {
        return KEYS.contains(name);
    }

    /** All rows of {@code path}, the format recognised. */
    public static DatasetSpec of(String path) {
        return new DatasetSpec(path, "", SplitSpec.ALL, NO_LIMIT, Map.of());
    }

    /** This with other paths. */
    public DatasetSpec withPaths(List<String> newPaths) {
        return new DatasetSpec(newPaths, format, split, limit, columns, keep, separator, isMadeByStage);
    }

    /** This with another part. */
    public DatasetSpec withSplit(SplitSpec newSplit) {
        return new DatasetSpec(paths, format, newSplit, limit, columns, keep, separator, isMadeByStage);
    }

    /** This with another format. */
    public DatasetSpec withFormat(String newFormat) {
        return new DatasetSpec(paths, newFormat, split, limit, columns, keep, separator, isMadeByStage);
    }

    /** This with other names of columns. */
    public DatasetSpec withColumns(Map<String, String> newColumns) {
        return new DatasetSpec(paths, format, split, limit, newColumns, keep, separator, isMadeByStage);
    }

    /** This with another limit. */
    public DatasetSpec withLimit(long newLimit) {
        return new DatasetSpec(paths, format, split, newLimit, columns, keep, separator, isMadeByStage);
    }

    /** This with another separator. */
    public DatasetSpec withSeparator(String newSeparator) {
        return new DatasetSpec(paths, format, split, limit, columns, keep, newSeparator, isMadeByStage);
    }

    /** This with other columns to keep. */
    public DatasetSpec keeping(KeptColumns newKeep) {
        return new DatasetSpec(paths, format, split, limit, columns, newKeep, separator, isMadeByStage);
    }

    /**
     * The rows that an earlier stage of the run makes.
     *
     * @param folder where it leaves them
     * @param madeFormat theirs
     */
    public DatasetSpec madeByStage(String folder, String madeFormat) {
        return new DatasetSpec(List.of(folder), madeFormat, split, limit, columns, keep, separator, true);
    }

    /**
     * Where nobody looks at kept columns.
     *
     * @throws UserError where some are asked for
     */
    public void requireNoneKept() {
        if (keep.isSaid()) {
            throw new UserError(
                    "dataset " + path()
                            + ": keep does nothing here, so must be left out; only the reward_function of a ppo stage sees columns");
        }
    }

    /**
     * Reads a run file's value.
     *
     * @param node a string, a list of strings, or an object with the keys path, format, split (a name, or {part, fractions}), limit, columns, keep and separator
     * @throws UserError naming the keys that are wrong, a line each
     */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static DatasetSpec fromConfig(JsonNode node) {
        if (node.isTextual()) {
            return of(node.textValue());
        }
        if (node.isArray()) {
            return new DatasetSpec(DatasetSpecReader.paths(node), "", SplitSpec.ALL, NO_LIMIT, Map.of());
        }
        if (!node.isObject()) {
            throw new UserError("dataset must be a path, a list of paths or a map of " + KEYS + ", but is " + node);
        }
        return new DatasetSpecReader(node, KEYS).read();
    }
}
