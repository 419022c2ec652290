package io.github.rlhf4j.pipeline.config;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.GivenKeys;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a config record: its components in snake_case; those of a {@link ConfigGroup} are at the same level, and so are the keys that a stage's parts declare, in the place of its {@link GivenKeys}.
 */
final class ConfigKeys {
    private static final Set<String> OF_EVERY_STAGE = Set.of("type", "seed");

    private ConfigKeys() {}

    /** Key to the type of its value, in the order of declaration. */
    static Map<String, Type> of(Class<?> recordType) {
        return of(recordType, List.of());
    }

    /**
     * Key to the type of its value, in the order of declaration.
     *
     * @param declared the keys that a stage's parts declare
     * @throws UserError where one of them has the name of a key of the record
     */
    static Map<String, Type> of(Class<?> recordType, List<ConfigKey<?>> declared) {
        Map<String, Type> keys = new LinkedHashMap<>();
        add(recordType, declared, keys);
        Set<String> own = new HashSet<>(OF_EVERY_STAGE);
        if (!declared.isEmpty()) {
            own.addAll(of(recordType).keySet());
        }
        for (ConfigKey<?> key : declared) {
            if (own.contains(key.name())) {
                throw new UserError("a module declares the key " + key.name()
                        + ", which the stage has already; it must have another name");
            }
            if (!keys.containsKey(key.name())) {
                throw new IllegalStateException(recordType.getName() + " has no GivenKeys for the key " + key.name());
            }
        }
        return keys;
    }

    private static void add(Class<?> recordType, List<ConfigKey<?>> declared, Map<String, Type> keys) {
        for (RecordComponent component : recordType.getRecordComponents()) {
            if (isGroup(component.getType())) {
                add(component.getType(), declared, keys);
            } else if (component.getType() == GivenKeys.class) {
                declared.forEach(key -> keys.put(key.name(), new OptionalOf(key.type())));
            } else {
                keys.put(name(component), component.getGenericType());
            }
        }
    }

    /** Of the values of all keys, those of declared keys. */
    static GivenKeys given(List<ConfigKey<?>> declared, Map<String, Object> values) {
        Map<ConfigKey<?>, Object> given = new LinkedHashMap<>();
        for (ConfigKey<?> key : declared) {
            if (values.get(key.name()) instanceof Optional<?> value && value.isPresent()) {
                given.put(key, value.get());
            }
        }
        return GivenKeys.of(given);
    }

    /** What an absent key means, null where it must be given. */
    static @Nullable Object absent(Type type) {
        Class<?> raw = raw(type);
        if (raw == Optional.class) {
            return Optional.empty();
        }
        if (raw == OptionalInt.class) {
            return OptionalInt.empty();
        }
        if (raw == OptionalLong.class) {
            return OptionalLong.empty();
        }
        if (raw == OptionalDouble.class) {
            return OptionalDouble.empty();
        }
        return raw == List.class ? List.of() : raw == Map.class ? Map.of() : null;
    }

    static Class<?> raw(Type type) {
        return type instanceof ParameterizedType parameterized
                ? (Class<?>) parameterized.getRawType()
                : (Class<?>) type;
    }

    static boolean isGroup(Class<?> type) {
        return type.isRecord() && ConfigGroup.class.isAssignableFrom(type);
    }

    static String name(RecordComponent component) {
        return component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }

    /** {@code Optional<value>}: a declared key may be absent. */
    private record OptionalOf(Class<?> value) implements ParameterizedType {
        @Override
        public Type[] getActualTypeArguments() {
            return new Type[] {value};
        }

        @Override
        public Type getRawType() {
            return Optional.class;
        }

        @Override
        public @Nullable Type getOwnerType() {
            return null;
        }
    }
}
