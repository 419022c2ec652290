package io.github.rlhf4j.pipeline.config;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.train.ConfigException;
import io.github.rlhf4j.core.train.ModelReference;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Binds a map of a run file to a config record by the names of its components.
 *
 * <p>Everything that is wrong is collected: unknown and missing keys, wrong types, and, because a record's constructor stops at its first complaint, further
 * complaints by putting the default in the place of a refused value and trying again.
 */
public final class ConfigBinder {
    private final Problems problems;
    private final ValueReader values;

    /**
     * @param models what a model input means; throws {@link UserError} for what it cannot be
     * @param problems receives what is wrong
     */
    public ConfigBinder(Function<String, ModelReference> models, Problems problems) {
        this.problems = problems;
        this.values = new ValueReader(models, this::bindNested);
    }

    /**
     * The record, or empty after a problem has been reported.
     *
     * @param path the stage's name, the prefix of its keys in messages
     * @param given what the run file and the command line say over {@code defaults}
     */
    public <C extends Record> Optional<C> bind(
            Class<C> type, ConfigValue.Entries defaults, ConfigValue.Entries given, String path) {
        ConfigValue.Entries effective = defaults.overlaidBy(given);
        Map<String, RecordComponent> keys = ConfigKeys.of(type);
        int before = problems.lines().size();
        reportUnknown(effective, keys.keySet(), path);
        reportMissing(effective, keys, path);
        checkTypes(effective, keys, path);
        if (problems.lines().size() > before) {
            return Optional.empty();
        }
        return construct(type, defaults, effective, path);
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

    private void reportMissing(ConfigValue.Entries entries, Map<String, RecordComponent> keys, String path) {
        keys.forEach((key, component) -> {
            if (!entries.entries().containsKey(key) && absent(component.getType()) == null) {
                problems.add(path + "." + key + " is missing; add it to the stage " + path);
            }
        });
    }

    private void checkTypes(ConfigValue.Entries entries, Map<String, RecordComponent> keys, String path) {
        keys.forEach((key, component) -> {
            ConfigValue value = entries.entries().get(key);
            if (value != null) {
                try {
                    values.read(value, component.getGenericType(), path + "." + key);
                } catch (UserError e) {
                    problems.add(String.valueOf(e.getMessage()));
                } catch (Reported e) {
                    // its line stands already
                }
            }
        });
    }

    private <C extends Record> Optional<C> construct(
            Class<C> type, ConfigValue.Entries defaults, ConfigValue.Entries effective, String path) {
        ConfigValue.Entries tried = effective;
        Optional<C> made = Optional.empty();
        boolean refused = false;
        for (int attempt = 0; attempt <= effective.entries().size(); attempt++) {
            try {
                made = Optional.of(type.cast(instantiate(type, tried, path)));
                break;
            } catch (ConfigException e) {
                refused = true;
                ConfigValue value = tried.entries().get(e.key());
                problems.add(path + "." + e.getMessage() + (value == null ? "" : ValueReader.where(value)));
                ConfigValue replacement = defaults.entries().get(e.key());
                if (value == null || replacement == null || value.equals(replacement)) {
                    break;
                }
                tried = tried.with(e.key(), replacement);
            }
        }
        return refused ? Optional.empty() : made;
    }

    private Record bindNested(Class<?> type, ConfigValue.Entries entries, String path) {
        int before = problems.lines().size();
        Map<String, RecordComponent> keys = ConfigKeys.of(type);
        reportUnknown(entries, keys.keySet(), path);
        reportMissing(entries, keys, path);
        if (problems.lines().size() > before) {
            throw new Reported();
        }
        try {
            return instantiate(type, entries, path);
        } catch (ConfigException e) {
            throw new UserError(path + "." + e.getMessage() + ValueReader.where(entries), e);
        }
    }

    private Record instantiate(Class<?> type, ConfigValue.Entries entries, String path) {
        RecordComponent[] components = type.getRecordComponents();
        @Nullable Object[] arguments = new @Nullable Object[components.length];
        for (int i = 0; i < components.length; i++) {
            arguments[i] = argument(components[i], entries, path);
        }
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
            constructor.setAccessible(true);
            return (Record) constructor.newInstance(arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(type.getName(), e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type.getName(), e);
        }
    }

    private @Nullable Object argument(RecordComponent component, ConfigValue.Entries entries, String path) {
        if (ConfigKeys.isGroup(component.getType())) {
            return instantiate(component.getType(), entries, path);
        }
        String key = ConfigKeys.name(component);
        ConfigValue value = entries.entries().get(key);
        return value == null
                ? absent(component.getType())
                : values.read(value, component.getGenericType(), path + "." + key);
    }

    /** What an absent key means, null where it must be given. */
    private static @Nullable Object absent(Class<?> type) {
        if (type == Optional.class) {
            return Optional.empty();
        }
        if (type == OptionalInt.class) {
            return OptionalInt.empty();
        }
        if (type == OptionalLong.class) {
            return OptionalLong.empty();
        }
        if (type == OptionalDouble.class) {
            return OptionalDouble.empty();
        }
        return type == List.class ? List.of() : type == Map.class ? Map.of() : null;
    }

    /** A nested record's problems have been collected already. */
    private static final class Reported extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }
}
