package io.github.rlhf4j.pipeline.config;

import io.github.rlhf4j.core.stage.ConfigGroup;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The keys of a config record: its components in snake_case; those of a {@link ConfigGroup} stand at the same level. */
final class ConfigKeys {
    private ConfigKeys() {}

    /** Key to component, in the order of declaration. */
    static Map<String, RecordComponent> of(Class<?> recordType) {
        Map<String, RecordComponent> keys = new LinkedHashMap<>();
        for (RecordComponent component : recordType.getRecordComponents()) {
            if (isGroup(component.getType())) {
                keys.putAll(of(component.getType()));
            } else {
                keys.put(name(component), component);
            }
        }
        return keys;
    }

    /** What an absent key means, null where it must be given. */
    static @Nullable Object absent(Class<?> type) {
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

    static boolean isGroup(Class<?> type) {
        return type.isRecord() && ConfigGroup.class.isAssignableFrom(type);
    }

    static String name(RecordComponent component) {
        return component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }
}
