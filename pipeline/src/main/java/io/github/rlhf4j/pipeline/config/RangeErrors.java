package io.github.rlhf4j.pipeline.config;

import com.fasterxml.jackson.databind.node.TextNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.GivenKeys;
import io.github.rlhf4j.core.stage.ModelReference;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes a config record of values, and where its constructors refuse some finds all that are wrong, not the first alone.
 *
 * <p>First each value by itself: where the record can be made of defaults and stand-ins but not with this value among them, and not with it among the other given
 * ones either, it is wrong whatever the others are. Then what is wrong between values: the record is made with those replaced, and what it still complains of
 * counts unless the complaint speaks of a replaced one.
 */
final class RangeErrors {
    private final Class<?> type;
    private final List<ConfigKey<?>> declared;
    private final Map<String, Type> keys;
    private final Map<String, Object> standing;
    private final Map<String, Object> given;
    private final ConfigValue.Entries entries;
    private final String path;
    private final Problems problems;
    private final Set<String> replaced = new LinkedHashSet<>();
    private @Nullable Record mended;

    /**
     * @param declared keys beside those of the record
     * @param standing the defaults
     * @param given the values, defaults among them, as far as they could be read
     * @param entries as they were written, for messages
     */
    RangeErrors(
            Class<?> type,
            List<ConfigKey<?>> declared,
            Map<String, Object> standing,
            Map<String, Object> given,
            ConfigValue.Entries entries,
            String path,
            Problems problems) {
        this.type = type;
        this.declared = declared;
        this.keys = ConfigKeys.of(type, declared);
        this.standing = standing;
        this.given = new LinkedHashMap<>(given);
        this.entries = entries;
        this.path = path;
        this.problems = problems;
    }

    /** The record, if nothing is wrong; {@code isComplete} says that nothing was so far. */
    Optional<Record> find(boolean isComplete) {
        @Nullable ConfigException first = null;
        if (isComplete) {
            try {
                return Optional.of(instantiate(type, declared, given));
            } catch (ConfigException e) {
                first = e;
            } catch (UserError e) {
                problems.add(path + ": " + e.getMessage());
                return Optional.empty();
            }
        }
        Map<String, Object> tried = new LinkedHashMap<>(given);
        keys.forEach((key, wanted) -> {
            if (!given.containsKey(key)) {
                replace(tried, key);
                if (entries.entries().containsKey(key) || ConfigKeys.absent(wanted) == null) {
                    replaced.add(key);
                }
            }
        });
        int before = problems.lines().size();
        wrongByThemselves(tried).forEach((key, complaint) -> {
            report(complaint);
            replaced.add(key);
            replace(tried, key);
        });
        for (int tries = 0; tries <= keys.size(); tries++) {
            Attempt attempt = attempt(tried);
            ConfigException complaint = attempt.complaint();
            if (complaint == null) {
                mended = replaced.stream().allMatch(this::hasDefault) ? attempt.made() : null;
                break;
            }
            String key = complaint.key();
            if (!speaksOf(complaint, replaced)) {
                report(complaint);
            }
            if (!keys.containsKey(key) || !replaced.add(key)) {
                break;
            }
            replace(tried, key);
        }
        if (first != null && problems.lines().size() == before) {
            report(first);
        }
        return Optional.empty();
    }

    /** The record with defaults in the place of what is wrong, after {@link #find}; empty where something wrong has no default. */
    Optional<Record> mended() {
        return Optional.ofNullable(mended);
    }

    /** Whether a complaint speaks of a value that was replaced in {@link #mended}. */
    boolean speaksOfReplaced(RuntimeException complaint) {
        return speaksOf(complaint, replaced);
    }

    private boolean hasDefault(String key) {
        Type wanted = keys.get(key);
        return standing.containsKey(key) || wanted != null && ConfigKeys.absent(wanted) != null;
    }

    /** Complaints about one value whatever the others are. */
    private Map<String, ConfigException> wrongByThemselves(Map<String, Object> all) {
        Map<String, Object> neutral = new LinkedHashMap<>();
        keys.keySet().forEach(key -> replace(neutral, key));
        Map<String, ConfigException> suspects = new LinkedHashMap<>();
        entries.entries().keySet().stream().filter(given::containsKey).forEach(key -> {
            ConfigException complaint =
                    attempt(with(neutral, key, given.get(key))).complaint();
            if (complaint != null && complaint.key().equals(key)) {
                suspects.put(key, complaint);
            }
        });
        Map<String, ConfigException> wrong = new LinkedHashMap<>();
        suspects.forEach((key, complaint) -> {
            Set<String> inDoubt = new LinkedHashSet<>(suspects.keySet());
            keys.keySet().stream().filter(other -> !hasDefault(other)).forEach(inDoubt::add); // there were stand-ins
            inDoubt.remove(key);
            Map<String, Object> others = new LinkedHashMap<>(all);
            suspects.keySet().forEach(other -> replace(others, other));
            Attempt amongOthers = attempt(with(others, key, all.get(key)));
            if (!speaksOf(complaint, inDoubt) && amongOthers.made() == null) {
                ConfigException there = amongOthers.complaint();
                wrong.put(key, there != null && there.key().equals(key) ? there : complaint);
            }
        });
        return wrong;
    }

    private static Map<String, Object> with(Map<String, Object> values, String key, @Nullable Object value) {
        Map<String, Object> changed = new LinkedHashMap<>(values);
        if (value != null) {
            changed.put(key, value);
        }
        return changed;
    }

    private static boolean speaksOf(RuntimeException complaint, Set<String> replaced) {
        String message = String.valueOf(complaint.getMessage());
        return replaced.stream().anyMatch(key -> message.matches("(?s)(.*[^a-z_])?" + key + "([^a-z_].*)?"));
    }

    private void report(ConfigException complaint) {
        ConfigValue value = entries.entries().get(complaint.key());
        String message = String.valueOf(complaint.getMessage());
        String own = path.substring(path.lastIndexOf('.') + 1);
        boolean isAboutAll =
                complaint.key().equals(own) && !keys.containsKey(own); // a nested record that speaks of itself
        problems.add(path
                + (isAboutAll ? message.substring(own.length()) : "." + message)
                + (value == null ? ValueReader.where(entries) : ValueReader.where(value)));
    }

    /** Puts the default in the place of a value; where there is none, what an absent key means, or else something of the type. */
    private void replace(Map<String, Object> values, String key) {
        Object other = standing.get(key);
        if (other == null) {
            Class<?> wanted = keys.get(key) == null ? Object.class : ConfigKeys.raw(keys.get(key));
            other = ConfigKeys.absent(wanted);
            if (other == null) {
                other = standIn(wanted);
            }
        }
        if (other == null) {
            values.remove(key);
        } else {
            values.put(key, other);
        }
    }

    static @Nullable Object standIn(Class<?> wanted) {
        if (wanted == int.class) {
            return 1;
        }
        if (wanted == long.class) {
            return 1L;
        }
        if (wanted == double.class) {
            return 1.0;
        }
        if (wanted == boolean.class) {
            return false;
        }
        if (wanted == String.class) {
            return "?";
        }
        if (wanted == ModelReference.class) {
            return new ModelReference("?", Path.of("?"));
        }
        if (wanted.isEnum()) {
            return wanted.getEnumConstants()[0];
        }
        try {
            return ValueReader.union(wanted, TextNode.valueOf("?")).orElse(null);
        } catch (UserError e) {
            return null;
        }
    }

    private record Attempt(@Nullable Record made, @Nullable ConfigException complaint) {}

    /** Tries to make the record; a value that is missing lets its group be passed over. */
    private Attempt attempt(Map<String, Object> values) {
        try {
            return new Attempt(instantiate(type, declared, values), null);
        } catch (ConfigException e) {
            return new Attempt(null, e);
        } catch (Incomplete | UserError e) {
            return new Attempt(null, null);
        }
    }

    /**
     * The record of these values, by key; what has none is what an absent key means.
     *
     * @param declared keys beside those of the record
     * @throws Incomplete where a value is missing that must be given
     */
    static Record instantiate(Class<?> recordType, List<ConfigKey<?>> declared, Map<String, Object> values) {
        RecordComponent[] components = recordType.getRecordComponents();
        @Nullable Object[] arguments = new @Nullable Object[components.length];
        boolean isIncomplete = false;
        for (int i = 0; i < components.length; i++) {
            Class<?> wanted = components[i].getType();
            try {
                arguments[i] = ConfigKeys.isGroup(wanted)
                        ? instantiate(wanted, declared, values)
                        : wanted == GivenKeys.class
                                ? ConfigKeys.given(declared, values)
                                : values.getOrDefault(ConfigKeys.name(components[i]), ConfigKeys.absent(wanted));
            } catch (Incomplete e) {
                arguments[i] = null;
            }
            isIncomplete |= arguments[i] == null;
        }
        if (isIncomplete) {
            throw new Incomplete();
        }
        return construct(recordType, components, arguments);
    }

    private static Record construct(Class<?> recordType, RecordComponent[] components, @Nullable Object[] arguments) {
        try {
            Constructor<?> constructor = recordType.getDeclaredConstructor(
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
            constructor.setAccessible(true);
            return (Record) constructor.newInstance(arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(recordType.getName(), e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(recordType.getName(), e);
        }
    }

    /** A value is missing for which there is no stand-in. */
    static final class Incomplete extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }
}
