package io.github.rlhf4j.core.stage;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is given of the keys that a stage's parts declare: the component of a config record for them. A run file's keys come into it by {@link Stage#keys}, and lie at the top level of the stage.
 *
 * <p>Values are in range once it exists. Immutable.
 */
public final class GivenKeys {
    /** Nothing: every key has its default. */
    public static final GivenKeys NONE = new GivenKeys(Map.of());

    private final Map<ConfigKey<?>, Object> values;

    private GivenKeys(Map<ConfigKey<?>, Object> values) {
        this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /**
     * These values.
     *
     * @throws ConfigException for one that is out of range, and for one that does nothing beside the others
     */
    public static GivenKeys of(Map<ConfigKey<?>, Object> values) {
        GivenKeys keys = new GivenKeys(values);
        keys.values.forEach(ConfigKey::check);
        keys.values.forEach((key, value) -> key.checkEffect(keys, value));
        return keys;
    }

    /** These with one more, or with another value of one. */
    public <T> GivenKeys with(ConfigKey<T> key, T value) {
        Map<ConfigKey<?>, Object> changed = new LinkedHashMap<>(values);
        changed.put(key, value);
        return of(changed);
    }

    /**
     * The value of {@code key}, given or its default.
     *
     * @throws IllegalArgumentException where it has no default and is not given
     */
    public <T> T get(ConfigKey<T> key) {
        Object value = values.get(key);
        return value != null
                ? key.type().cast(value)
                : key.defaultValue().orElseThrow(() -> new IllegalArgumentException(key.name() + " must be given"));
    }

    /** The names of those that are given. */
    public Set<String> names() {
        return byName().keySet();
    }

    /** Name to value of those that are given. */
    public Map<String, Object> byName() {
        Map<String, Object> named = new LinkedHashMap<>();
        values.forEach((key, value) -> named.put(key.name(), value));
        return named;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof GivenKeys keys && values.equals(keys.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return byName().toString();
    }
}
