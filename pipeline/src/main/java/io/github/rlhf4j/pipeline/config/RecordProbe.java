package io.github.rlhf4j.pipeline.config;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.GivenKeys;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Asks the checks of a config record what they say of single values, so that nobody has to write a range down twice. The record, or the group in it that has the key, is made of defaults and stand-ins
 * and of the value in question.
 */
final class RecordProbe {
    private static final int MOST_STAND_INS = 8;

    private final Class<?> type;
    private final Map<String, ConfigKey<?>> declared = new LinkedHashMap<>();
    private final Map<String, Object> standing;

    /**
     * @param declared keys beside those of the record
     * @param standing the defaults, by key
     */
    RecordProbe(Class<?> type, List<ConfigKey<?>> declared, Map<String, Object> standing) {
        this.type = type;
        this.standing = standing;
        declared.forEach(key -> this.declared.put(key.name(), key));
    }

    /** The texts that a declared key may be; empty where it may be others, or the record has the key. */
    List<String> choices(String key) {
        return Optional.ofNullable(declared.get(key)).map(ConfigKey::choices).orElse(List.of());
    }

    /** What is wrong with that value of that key, without the key's name; empty where nothing is, or where something else is in the way. */
    Optional<String> complaint(String key, Object value) {
        ConfigKey<?> own = declared.get(key);
        Optional<String> found = own == null ? ofRecord(key, value) : ofDeclared(own, value);
        return found.map(message -> message.substring(key.length() + 1, end(message)));
    }

    private static int end(String message) {
        int value = message.lastIndexOf(", but is ");
        return value < 0 ? message.length() : value;
    }

    private static Optional<String> ofDeclared(ConfigKey<?> key, Object value) {
        try {
            GivenKeys.of(Map.of(key, value instanceof Optional<?> given ? given.orElseThrow() : value));
            return Optional.empty();
        } catch (ConfigException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private Optional<String> ofRecord(String key, Object value) {
        Class<?> owner = owner(type, key).orElse(type);
        Map<String, Object> values = new LinkedHashMap<>();
        Map<String, Type> keys = ConfigKeys.of(owner);
        keys.forEach((name, wanted) -> absent(name, wanted).ifPresent(absent -> values.put(name, absent)));
        values.put(key, value);
        Set<String> given = new HashSet<>(Set.of(key));
        for (int i = 0; i < MOST_STAND_INS; i++) {
            try {
                RangeErrors.instantiate(owner, List.of(), values);
                return Optional.empty();
            } catch (ConfigException e) {
                if (e.key().equals(key)) {
                    return Optional.of(String.valueOf(e.getMessage()));
                }
                Optional<Object> other = Optional.ofNullable(keys.get(e.key())).flatMap(RecordProbe::present);
                if (other.isEmpty() || !given.add(e.key())) {
                    return Optional.empty();
                }
                values.put(e.key(), other.get());
            } catch (UserError e) {
                return Optional.ofNullable(e.getMessage()).filter(message -> message.startsWith(key + " "));
            } catch (RangeErrors.Incomplete | IllegalArgumentException e) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** The record itself or the group in it that has the key as its own component. */
    private static Optional<Class<?>> owner(Class<?> record, String key) {
        for (RecordComponent component : record.getRecordComponents()) {
            if (ConfigKeys.isGroup(component.getType())) {
                Optional<Class<?>> inner = owner(component.getType(), key);
                if (inner.isPresent()) {
                    return inner;
                }
            } else if (ConfigKeys.name(component).equals(key)) {
                return Optional.of(record);
            }
        }
        return Optional.empty();
    }

    private Optional<Object> absent(String name, Type wanted) {
        Object value = standing.get(name);
        if (value == null) {
            value = ConfigKeys.absent(wanted);
        }
        return Optional.ofNullable(value == null ? RangeErrors.standIn(ConfigKeys.raw(wanted)) : value);
    }

    /** Something in the place of what must be given. */
    private static Optional<Object> present(Type wanted) {
        if (wanted instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            Object inner = RangeErrors.standIn(ConfigKeys.raw(arguments[arguments.length - 1]));
            if (inner == null) {
                return Optional.empty();
            }
            return Optional.of(
                    generic.getRawType() == Optional.class
                            ? Optional.of(inner)
                            : generic.getRawType() == List.class ? List.of(inner) : Map.of("a", inner));
        }
        return Optional.ofNullable(RangeErrors.standIn(ConfigKeys.raw(wanted)));
    }
}
