package io.github.rlhf4j.pipeline.config;

import io.github.rlhf4j.core.stage.ModelReference;
import java.nio.file.Path;
import java.util.Optional;

/** Reads {@code cluster}: a master, or a map of keys. */
public final class ClusterKeys {
    static final String KEY = "cluster";
    static final String MASTER = "master";

    private ClusterKeys() {}

    /**
     * Where the run wants its work done; empty where it says nothing.
     *
     * @param problems receives what is wrong
     */
    public static Optional<ClusterConfig> read(RunFile run, Problems problems) {
        ConfigValue value = run.run().entries().get(KEY);
        if (value == null || ValueReader.isNull(value)) {
            return Optional.empty();
        }
        if (value instanceof ConfigValue.Items) {
            problems.add(KEY + " must be a master, such as processes:2, or a map of keys, but is " + value.toLine()
                    + ValueReader.where(value));
            return Optional.empty();
        }
        ModelNames models = text -> new ModelReference(text, Path.of(text));
        return new ConfigBinder(models, problems).bind(ClusterConfig.class, defaults(), entries(value), KEY);
    }

    static ConfigValue.Entries defaults() {
        return StageDefaults.of(ClusterKeys.class, KEY);
    }

    /** A master alone is a map with that key. */
    static ConfigValue.Entries entries(ConfigValue value) {
        return value instanceof ConfigValue.Entries entries
                ? entries
                : ConfigValue.Entries.empty(value.origin()).with(MASTER, value);
    }
}
