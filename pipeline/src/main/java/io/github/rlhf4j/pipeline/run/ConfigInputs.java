package io.github.rlhf4j.pipeline.run;

import io.github.rlhf4j.core.stage.AdapterConfig;
import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.core.stage.GivenKeys;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.StructuredOutputsConfig;
import io.github.rlhf4j.core.stage.TuningConfig;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.training.EvalDatasets;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a stage's config names to be read: datasets, models, and files by keys that end in {@code path} or hold a JSON Schema; and the adapters that it describes. Found by the types of the record's components, so the
 * stages of other people's modules have it too.
 */
final class ConfigInputs {
    private final Map<String, Object> found = new LinkedHashMap<>();

    private ConfigInputs() {}

    /** Key to {@link DatasetSpec}, {@link ModelReference}, {@link AdapterConfig} or, for a path, {@link String}; in the order of the record. */
    static Map<String, Object> of(Record config) {
        ConfigInputs inputs = new ConfigInputs();
        inputs.visitRecord(config, "");
        return inputs.found;
    }

    /** What of its model the stage trains; empty where it trains none, or all weights always. */
    static Optional<TuningConfig> tuning(Record config) {
        for (RecordComponent component : config.getClass().getRecordComponents()) {
            if (value(config, component) instanceof TuningConfig tuning) {
                return Optional.of(tuning);
            }
        }
        return Optional.empty();
    }

    /** Whether the stage trains an adapter. */
    static boolean trainsAdapter(Record config) {
        return of(config).get("model") instanceof ModelReference model
                && tuning(config).filter(its -> its.trainsAdapter(model)).isPresent();
    }

    private void visit(@Nullable Object value, String key) {
        if (value instanceof Optional<?> optional) {
            optional.ifPresent(present -> visit(present, key));
        } else if (value instanceof DatasetSpec || value instanceof ModelReference || value instanceof AdapterConfig) {
            found.put(key, value);
        } else if (value instanceof EvalDatasets sets) {
            sets.byName().forEach((name, spec) -> visit(spec, name.isEmpty() ? key : key + "." + name));
        } else if (value instanceof Map<?, ?> map) {
            map.forEach((name, item) -> visit(item, key + "." + name));
        } else if (value instanceof Collection<?> items) {
            int[] index = {0};
            items.forEach(item -> visit(item, items.size() == 1 ? key : key + "[" + index[0]++ + "]"));
        } else if (value instanceof GivenKeys keys) {
            keys.byName().forEach((name, item) -> visit(item, parent(key) + name));
        } else if (value instanceof StructuredOutputsConfig outputs) {
            outputs.schemaFile().ifPresent(file -> found.put(key + ".json", file));
        } else if (value instanceof Record group) {
            visitRecord(group, group instanceof ConfigGroup ? parent(key) : key + ".");
        } else if (value instanceof String path && key.matches("(.*[._])?path(\\[\\d+])?") && !path.isBlank()) {
            found.put(key, path);
        }
    }

    private static String parent(String key) {
        return key.substring(0, key.lastIndexOf('.') + 1);
    }

    private void visitRecord(Record config, String prefix) {
        for (RecordComponent component : config.getClass().getRecordComponents()) {
            String name = component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
            visit(value(config, component), prefix + name);
        }
    }

    private static @Nullable Object value(Record config, RecordComponent component) {
        Method accessor = component.getAccessor();
        accessor.setAccessible(true);
        try {
            return accessor.invoke(config);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException(config.getClass().getName(), e);
        }
    }
}
