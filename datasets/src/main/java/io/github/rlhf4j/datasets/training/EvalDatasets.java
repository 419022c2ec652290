package io.github.rlhf4j.datasets.training;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.DatasetSpec;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The {@code eval_dataset:} of a run file: one dataset, or several with a name each, whose metrics are then {@code eval_<name>_loss} and so on, as transformers names them.
 *
 * @param byName in the order of the file; one dataset alone has the name ""
 */
public record EvalDatasets(Map<String, DatasetSpec> byName) {
    private static final String NAME = "[A-Za-z0-9][A-Za-z0-9_.-]*";

    public EvalDatasets {
        byName = Collections.unmodifiableMap(new LinkedHashMap<>(byName));
    }

    /** One alone. */
    public static EvalDatasets of(DatasetSpec spec) {
        return new EvalDatasets(Map.of("", spec));
    }

    /**
     * Reads a run file's value. A map with {@code path} is one dataset; any other map is names, so none of them may be a key of a dataset.
     *
     * @throws UserError naming what is wrong
     */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static EvalDatasets fromConfig(JsonNode node) {
        if (!node.isObject() || node.has("path")) {
            return of(DatasetSpec.fromConfig(node));
        }
        Map<String, DatasetSpec> named = new LinkedHashMap<>();
        node.properties().forEach(entry -> named.put(name(entry.getKey()), spec(entry.getKey(), entry.getValue())));
        if (named.isEmpty()) {
            throw new UserError("dataset must name a dataset at least, but is {}");
        }
        return new EvalDatasets(named);
    }

    private static String name(String name) {
        if (DatasetSpec.isKey(name)) {
            throw new UserError(
                    "dataset." + name + " is a key of a dataset, which needs a path beside it; as the name of"
                            + " one of several datasets choose another");
        }
        if (!name.matches(NAME)) {
            throw new UserError("dataset." + name + " must be a name of letters, digits, '_', '-' and '.'");
        }
        return name;
    }

    private static DatasetSpec spec(String name, JsonNode value) {
        if (value.isNull()) {
            throw new UserError("dataset." + name + " must not be empty");
        }
        try {
            return DatasetSpec.fromConfig(value);
        } catch (UserError e) {
            throw new UserError(String.valueOf(e.getMessage()).replaceAll("(?m)^dataset", "dataset." + name), e);
        }
    }
}
