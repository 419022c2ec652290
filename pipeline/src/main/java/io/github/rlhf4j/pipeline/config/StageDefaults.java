package io.github.rlhf4j.pipeline.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** A stage's shipped defaults: {@code <type>-defaults.yaml} beside its class. */
public final class StageDefaults {
    private StageDefaults() {}

    /**
     * The defaults of {@code type} beside what was given: warm-up and floor are the default schedule's, so where another lr_scheduler_type is given they give way to
     * 0 (and to a floor of 10 % for cosine_with_min_lr). Stored {@code rollouts} come in the order of their file.
     */
    public static ConfigValue.Entries of(Class<?> stage, String type, ConfigValue.Entries given) {
        ConfigValue.Entries defaults = of(stage, type);
        if (given.entries().containsKey("rollouts")) {
            defaults = defaults.with("shuffle", new ConfigValue.Scalar("false", false, Origin.DEFAULT));
        }
        ConfigValue schedule = given.entries().get("lr_scheduler_type");
        if (schedule == null || !defaults.entries().containsKey("lr_scheduler_type")) {
            return defaults;
        }
        String floor = schedule.toLine().equals("cosine_with_min_lr") ? "0.1" : "0";
        return defaults.with("warmup_steps", new ConfigValue.Scalar("0", false, Origin.DEFAULT))
                .with("min_lr_rate", new ConfigValue.Scalar(floor, false, Origin.DEFAULT));
    }

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
