package io.github.rlhf4j.pipeline.config;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.Compute;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What the user gave of a run, in a run file with the command line's values over it or in Java: before any stage's defaults. {@link RunDraft} makes it.
 *
 * @param name of the run, the folder under {@code outputDir}
 * @param seed of the run; 0 when none is given
 * @param outputDir where runs lie, relative to the working directory; {@code runs} when not given
 * @param run the run's own keys with their origins
 * @param stages name to keys, in the order of the file, {@code type} among them; at least one; {@code $model} and {@code $dataset} stand for the run's own
 */
public record RunFile(
        String name, long seed, Path outputDir, ConfigValue.Entries run, Map<String, ConfigValue.Entries> stages) {
    /** A key of the run's own, which is then one of each stage. */
    public static final String COMPUTE = "compute";

    /**
     * Reads {@code file} and lays {@code arguments} over it. A section {@code experiment} is left out: this is one run.
     *
     * @param arguments {@code stage.key=value} or, for the run's own keys, {@code key=value}
     * @throws UserError for a file that cannot be read, and with one line for each mistake
     */
    public static RunFile read(Path file, List<String> arguments) {
        RunDraft draft = RunDraft.read(file);
        arguments.forEach(draft::lay);
        draft.takeExperiment();
        return draft.finish();
    }

    /** The power of a core while it works, W; empty where it is not given. */
    public OptionalDouble watts() {
        ConfigValue value = run.entries().get("watts");
        return value == null ? OptionalDouble.empty() : watts(value);
    }

    /** Empty where it is no number, or not > 0. */
    static OptionalDouble watts(ConfigValue value) {
        try {
            double watts = value instanceof ConfigValue.Scalar scalar ? Double.parseDouble(scalar.text()) : 0;
            return watts > 0 && Double.isFinite(watts) ? OptionalDouble.of(watts) : OptionalDouble.empty();
        } catch (NumberFormatException e) {
            return OptionalDouble.empty();
        }
    }

    /** What large products of training compute with; float32 where it is not given. */
    public Compute compute() {
        ConfigValue value = run.entries().get(COMPUTE);
        return value == null ? Compute.FLOAT32 : compute(value).orElse(Compute.FLOAT32);
    }

    /** Empty where it is none. */
    static Optional<Compute> compute(ConfigValue value) {
        if (!(value instanceof ConfigValue.Scalar scalar)) {
            return Optional.empty();
        }
        String text = scalar.isNull() ? "float32" : scalar.text();
        return Arrays.stream(Compute.values())
                .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(text))
                .findFirst();
    }

    /** runs/&lt;name&gt;/. */
    public Path directory() {
        return outputDir.resolve(name);
    }
}
