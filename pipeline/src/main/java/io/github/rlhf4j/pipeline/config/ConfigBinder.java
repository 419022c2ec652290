package io.github.rlhf4j.pipeline.config;

import io.github.rlhf4j.core.Suggestion;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.datasets.DatasetSpec;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Binds a map of a run file to a config record by the names of its components.
 *
 * <p>Everything that is wrong is collected: unknown and missing keys, wrong types, and what the records' constructors refuse. A constructor stops at its first
 * complaint, so {@link RangeErrors} asks it again and again, with other values in the place of those that are known to be wrong.
 */
public final class ConfigBinder {
    private final Problems problems;
    private final ValueReader values;
    private final BiFunction<Class<?>, Map<String, String>, List<ConfigKey<?>>> nested;
    private @Nullable RangeErrors errors;

    /**
     * @param models what a model input means; throws {@link UserError} for what it cannot be
     * @param problems receives what is wrong
     */
    public ConfigBinder(ModelNames models, Problems problems) {
        this(models, UnaryOperator.identity(), (type, given) -> List.of(), problems);
    }

    /**
     * @param models what a model input means; throws {@link UserError} for what it cannot be
     * @param datasets what a dataset means; throws {@link UserError} for what it cannot be
     * @param nested the keys that parts declare in nested records: {@link io.github.rlhf4j.core.stage.Stage#keys(Class, Map)}
     * @param problems receives what is wrong
     */
    public ConfigBinder(
            ModelNames models,
            UnaryOperator<DatasetSpec> datasets,
            BiFunction<Class<?>, Map<String, String>, List<ConfigKey<?>>> nested,
            Problems problems) {
        this.nested = nested;
        this.problems = problems;
        this.values = new ValueReader(models, datasets, this::bindNested);
    }

    /** The values of these entries, by key, as the record's types: of defaults, which name no models. */
    static Map<String, Object> values(Class<?> type, List<ConfigKey<?>> declared, ConfigValue.Entries entries) {
        ModelNames none = name -> {
            throw new UserError(name + " is a model");
        };
        return new ConfigBinder(none, new Problems()).read(entries, ConfigKeys.of(type, declared), "");
    }

    /**
     * The record, or empty after a problem has been reported.
     *
     * @param path the stage's name, the prefix of its keys in messages
     * @param given what the run file and the command line say over {@code defaults}
     */
    public <C extends Record> Optional<C> bind(
            Class<C> type, ConfigValue.Entries defaults, ConfigValue.Entries given, String path) {
        return bind(type, List.of(), defaults, given, path);
    }

    /**
     * The record, or empty after a problem has been reported.
     *
     * @param declared keys beside those of the record, whose values its {@link io.github.rlhf4j.core.stage.GivenKeys} takes
     * @param path the stage's name, the prefix of its keys in messages
     * @param given what the run file and the command line say over {@code defaults}
     */
    public <C extends Record> Optional<C> bind(
            Class<C> type,
            List<ConfigKey<?>> declared,
            ConfigValue.Entries defaults,
            ConfigValue.Entries given,
            String path) {
        ConfigValue.Entries effective = defaults.overlaidBy(given);
        Map<String, Type> keys = ConfigKeys.of(type, declared);
        int before = problems.lines().size();
        reportUnknown(effective, keys.keySet(), path);
        reportMissing(effective, keys, path);
        Map<String, Object> read = read(effective, keys, path);
        Map<String, Object> standing = read(defaults, keys, path);
        RangeErrors own = new RangeErrors(type, declared, standing, read, effective, path, problems);
        Optional<C> bound = own.find(problems.lines().size() == before).map(type::cast);
        errors = own;
        return bound;
    }

    /**
     * After a {@link #bind} that gave nothing: checks the record that has defaults in the place of what was wrong, so that the rest is reported too. Complaints that
     * speak of what was replaced are no news. Does nothing where something wrong has no default.
     *
     * @param check throws {@link ConfigException} or {@link UserError}, which {@code report} receives
     */
    public <C extends Record> void checkRest(Class<C> type, Consumer<C> check, Consumer<RuntimeException> report) {
        if (errors != null) {
            RangeErrors found = errors;
            found.mended().ifPresent(rest -> {
                try {
                    check.accept(type.cast(rest));
                } catch (ConfigException | UserError e) {
                    if (!found.speaksOfReplaced(e)) {
                        report.accept(e);
                    }
                }
            });
        }
    }

    private void reportUnknown(ConfigValue.Entries entries, Iterable<String> known, String path) {
        List<String> names = new ArrayList<>();
        known.forEach(names::add);
        entries.entries().forEach((key, value) -> {
            if (!names.contains(key)) {
                problems.add(path + "." + key + " is not a known key" + Suggestion.phrase(key, names)
                        + ValueReader.where(value));
            }
        });
    }

    private void reportMissing(ConfigValue.Entries entries, Map<String, Type> keys, String path) {
        keys.forEach((key, type) -> {
            if (!entries.entries().containsKey(key) && ConfigKeys.absent(type) == null) {
                problems.add(path + "." + key + " is missing; add it to the stage " + path);
            }
        });
    }

    /** The values of the keys that could be read as their types; what could not is a problem. */
    private Map<String, Object> read(ConfigValue.Entries entries, Map<String, Type> keys, String path) {
        Map<String, Object> read = new LinkedHashMap<>();
        keys.forEach((key, type) -> {
            ConfigValue value = entries.entries().get(key);
            if (value != null) {
                try {
                    read.put(key, values.read(value, type, path + "." + key));
                } catch (UserError e) {
                    String.valueOf(e.getMessage()).lines().forEach(problems::add);
                } catch (Reported e) {
                    // its lines stand already
                }
            }
        });
        return read;
    }

    private Record bindNested(Class<?> type, ConfigValue.Entries entries, String path) {
        Map<String, String> plain = new LinkedHashMap<>();
        entries.entries().forEach((key, value) -> {
            if (value instanceof ConfigValue.Scalar scalar && !scalar.isNull()) {
                plain.put(key, scalar.text());
            }
        });
        return bind(
                        type.asSubclass(Record.class),
                        nested.apply(type, plain),
                        ConfigValue.Entries.empty(entries.origin()),
                        entries,
                        path)
                .orElseThrow(Reported::new);
    }

    /** A nested record's problems have been collected already. */
    private static final class Reported extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }
}
