package io.github.rlhf4j.pipeline.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** A stage's shipped defaults: {@code <type>-defaults.yaml} beside its class. */
public final class StageDefaults {
    private StageDefaults() {}

    /** The defaults of {@code type}; none where the stage ships no file. */
    public static ConfigValue.Entries of(Class<?> stage, String type) {
        String name = type + "-defaults.yaml";
        try (InputStream in = stage.getResourceAsStream(name)) {
            if (in == null) {
                return ConfigValue.Entries.empty(Origin.DEFAULT);
            }
            return YamlReader.readMap(new String(in.readAllBytes(), StandardCharsets.UTF_8), name, Origin.DEFAULT);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + name, e);
        }
    }
}
