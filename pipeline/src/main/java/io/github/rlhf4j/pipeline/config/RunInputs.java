package io.github.rlhf4j.pipeline.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The run's own {@code model} and {@code dataset}, which stages mean by {@code $model} and {@code $dataset}: so one value on the command line serves every stage.
 *
 * <p>Only an unquoted value that is exactly the reference is one.
 */
final class RunInputs {
    /** The keys of a run that stages can refer to. */
    static final Set<String> KEYS = Set.of("model", "dataset");

    private final ConfigValue.Entries run;
    private final Problems problems;
    private final Set<String> referred = new LinkedHashSet<>();

    RunInputs(ConfigValue.Entries run, Problems problems) {
        this.run = run;
        this.problems = problems;
    }

    /** The stages with every reference replaced, in the same order; what is missing, or given to no purpose, is a problem. */
    Map<String, ConfigValue.Entries> resolve(Map<String, ConfigValue.Entries> stages) {
        Map<String, ConfigValue.Entries> resolved = new LinkedHashMap<>();
        stages.forEach((name, keys) -> resolved.put(name, entries(keys, name)));
        run.entries().forEach((key, value) -> {
            if (KEYS.contains(key) && !ValueReader.isNull(value) && !referred.contains(key)) {
                problems.add(key + " is given (" + value.origin() + "), but no stage of this run refers to $" + key
                        + "; a stage's key is written with the stage's name: stage." + key + "=...");
            }
        });
        return resolved;
    }

    private ConfigValue.Entries entries(ConfigValue.Entries entries, String path) {
        Map<String, ConfigValue> resolved = new LinkedHashMap<>();
        entries.entries().forEach((key, value) -> resolved.put(key, value(value, path + "." + key)));
        return new ConfigValue.Entries(resolved, entries.origin());
    }

    private ConfigValue value(ConfigValue value, String path) {
        if (value instanceof ConfigValue.Entries entries) {
            return entries(entries, path);
        }
        if (value instanceof ConfigValue.Items items) {
            List<ConfigValue> resolved = new ArrayList<>();
            items.items().forEach(item -> resolved.add(value(item, path)));
            return new ConfigValue.Items(resolved, items.origin());
        }
        return value instanceof ConfigValue.Scalar scalar
                        && !scalar.quoted()
                        && scalar.text().startsWith("$")
                        && KEYS.contains(scalar.text().substring(1))
                ? given(scalar, path)
                : value;
    }

    private ConfigValue given(ConfigValue.Scalar reference, String path) {
        String key = reference.text().substring(1);
        ConfigValue value = run.entries().get(key);
        if (value != null && !ValueReader.isNull(value)) {
            referred.add(key);
            return value;
        }
        if (referred.add(key)) {
            problems.add(key + " must be given, because " + path + " refers to it (" + reference.origin() + "); add "
                    + key + "=... to the command line");
        }
        return reference;
    }
}
