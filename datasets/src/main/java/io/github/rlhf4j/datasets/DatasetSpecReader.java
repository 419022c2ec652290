package io.github.rlhf4j.datasets;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.UserError;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** Reads the map of a {@code dataset:} and reports all that is wrong in it at once. */
final class DatasetSpecReader {
    private final JsonNode node;
    private final List<String> problems = new ArrayList<>();

    /** @param keys that are known */
    DatasetSpecReader(JsonNode node, List<String> keys) {
        this.node = node;
        node.fieldNames().forEachRemaining(key -> {
            if (!keys.contains(key)) {
                problems.add("dataset." + key + " is not known; the keys are " + keys);
            }
        });
    }

    DatasetSpec read() {
        DatasetSpec spec = with(DatasetSpec.of("?"), known -> known.withPaths(paths(node.path("path"))));
        spec = with(spec, known -> known.withLimit(limit(node)));
        spec = with(spec, known -> known.withSplit(split(node.path("split"))));
        spec = with(spec, known -> known.keeping(keep(node)));
        spec = with(spec, known -> known.withSeparator(text(node, "separator")));
        spec = with(spec, known -> known.withFormat(text(node, "format")));
        spec = with(spec, known -> known.withColumns(columns(node)));
        if (!problems.isEmpty()) {
            throw new UserError(String.join("\n", problems));
        }
        return spec;
    }

    /** The spec with one key more; without it where the key is wrong. */
    private DatasetSpec with(DatasetSpec spec, Function<DatasetSpec, DatasetSpec> key) {
        try {
            return key.apply(spec);
        } catch (UserError e) {
            problems.add(String.valueOf(e.getMessage()));
            return spec;
        }
    }

    static List<String> paths(JsonNode value) {
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
            return DatasetSpec.NO_LIMIT;
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

    private static KeptColumns keep(JsonNode node) {
        JsonNode value = node.path("keep");
        if (value.isMissingNode() || value.isNull()) {
            return KeptColumns.UNSAID;
        }
        if (value.isTextual() && value.textValue().equals("all")) {
            return KeptColumns.ALL;
        }
        Set<String> names = new TreeSet<>();
        for (JsonNode name : value) {
            if (name.isTextual()) {
                names.add(name.textValue());
            }
        }
        if (!value.isArray() || names.isEmpty() || names.size() < value.size()) {
            throw new UserError(
                    "dataset.keep must be all or a list of different columns such as [answer], but is " + value);
        }
        return new KeptColumns(false, names);
    }
}
