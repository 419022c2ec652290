package io.github.rlhf4j.datasets;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.UserError;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The {@code dataset:} of a run file: a string (the path), a list of paths, or a map {path, format, split, limit, columns, separator}. First the limit applies, then the split.
 *
 * @param paths files, folders or globs relative to the working directory, read one after the other, or one {@code name:location} of a bound {@link DatasetSource} such as {@code
 *     synthetic:demonstrations}; at least one
 * @param format the name of a {@link RecordKind} or of a bound source; empty: recognised from the columns
 * @param split the part to take; {@link SplitSpec#ALL} by default
 * @param limit take at most so many rows from the start (rows that are dropped do not count), >= 1; {@link #NO_LIMIT} by default
 * @param columns our column name to the file's, for files with other names; empty by default
 * @param separator what is between the documents of a file of raw text; empty by default: the file is one
 */
public record DatasetSpec(
        List<String> paths, String format, SplitSpec split, long limit, Map<String, String> columns, String separator) {
    /** All rows. */
    public static final long NO_LIMIT = Long.MAX_VALUE;

    private static final List<String> KEYS = List.of("path", "format", "split", "limit", "columns", "separator");

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

    /** Without a separator. */
    public DatasetSpec(List<String> paths, String format, SplitSpec split, long limit, Map<String, String> columns) {
        this(paths, format, split, limit, columns, "");
    }

    /** One path. */
    public DatasetSpec(String path, String format, SplitSpec split, long limit, Map<String, String> columns) {
        this(List.of(path), format, split, limit, columns);
    }

    /** The path as messages name it; several are separated by commas. */
    public String path() {
        return String.join(", ", paths);
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
        return new DatasetSpec(newPaths, format, split, limit, columns, separator);
    }

    /** This with another part. */
    public DatasetSpec withSplit(SplitSpec newSplit) {
        return new DatasetSpec(paths, format, newSplit, limit, columns, separator);
    }

    /** This with another limit. */
    public DatasetSpec withLimit(long newLimit) {
        return new DatasetSpec(paths, format, split, newLimit, columns, separator);
    }

    /** This with another separator. */
    public DatasetSpec withSeparator(String newSeparator) {
        return new DatasetSpec(paths, format, split, limit, columns, newSeparator);
    }

    /**
     * Reads a run file's value.
     *
     * @param node a string, a list of strings, or an object with the keys path, format, split (a name, or {part, fractions}), limit, columns and separator
     * @throws UserError naming the key that is wrong
     */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static DatasetSpec fromConfig(JsonNode node) {
        if (node.isTextual()) {
            return of(node.textValue());
        }
        if (node.isArray()) {
            return new DatasetSpec(paths(node), "", SplitSpec.ALL, NO_LIMIT, Map.of());
        }
        if (!node.isObject()) {
            throw new UserError("dataset must be a path, a list of paths or a map of " + KEYS + ", but is " + node);
        }
        node.fieldNames().forEachRemaining(key -> {
            if (!KEYS.contains(key)) {
                throw new UserError("dataset." + key + " is not known; the keys are " + KEYS);
            }
        });
        return new DatasetSpec(
                paths(node.path("path")),
                text(node, "format"),
                split(node.path("split")),
                limit(node),
                columns(node),
                text(node, "separator"));
    }

    private static List<String> paths(JsonNode value) {
        if (value.isMissingNode() || value.isNull()) {
            return List.of();
        }
        List<String> paths = new ArrayList<>();
        for (JsonNode path : value.isArray() ? value : List.of(value)) {
            if (!path.isTextual()) {
                throw new UserError("dataset.path must be a text or a list of texts, but is " + value);
            }
            paths.add(path.textValue());
        }
        return paths;
    }

    private static String text(JsonNode node, String key) {
        JsonNode value = node.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return "";
        }
        if (!value.isTextual()) {
            throw new UserError("dataset." + key + " must be a text, but is " + value);
        }
        return value.textValue();
    }

    private static long limit(JsonNode node) {
        JsonNode value = node.path("limit");
        if (value.isMissingNode() || value.isNull()) {
            return NO_LIMIT;
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new UserError("dataset.limit must be a whole number >= 1, but is " + value);
        }
        return value.longValue();
    }

    private static SplitSpec split(JsonNode value) {
        if (value.isMissingNode() || value.isNull()) {
            return SplitSpec.ALL;
        }
        if (value.isTextual()) {
            return SplitSpec.of(value.textValue());
        }
        if (!value.isObject()
                || !value.path("part").isTextual()
                || !value.path("fractions").isObject()) {
            throw new UserError("dataset.split must be train, test or {part: train, fractions: {train: 0.8, test: 0.2}}"
                    + ", but is " + value);
        }
        Map<String, Double> shares = new LinkedHashMap<>();
        value.get("fractions").properties().forEach(entry -> {
            if (!entry.getValue().isNumber()) {
                throw new UserError(
                        "dataset.split.fractions." + entry.getKey() + " must be a number, but is " + entry.getValue());
            }
            shares.put(entry.getKey(), entry.getValue().doubleValue());
        });
        return SplitSpec.of(value.get("part").textValue(), shares);
    }

    private static Map<String, String> columns(JsonNode node) {
        JsonNode value = node.path("columns");
        if (value.isMissingNode() || value.isNull()) {
            return Map.of();
        }
        if (!value.isObject()) {
            throw new UserError("dataset.columns must be a map such as {prompt: question}, but is " + value);
        }
        Map<String, String> columns = new LinkedHashMap<>();
        value.properties().forEach(entry -> {
            if (!entry.getValue().isTextual()) {
                throw new UserError(
                        "dataset.columns." + entry.getKey() + " must be a text, but is " + entry.getValue());
            }
            columns.put(entry.getKey(), entry.getValue().textValue());
        });
        return columns;
    }
}
