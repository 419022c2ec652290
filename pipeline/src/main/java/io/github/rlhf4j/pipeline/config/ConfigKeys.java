package io.github.rlhf4j.pipeline.config;

import io.github.rlhf4j.core.train.ConfigGroup;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

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

    static boolean isGroup(Class<?> type) {
        return type.isRecord() && ConfigGroup.class.isAssignableFrom(type);
    }

    static String name(RecordComponent component) {
        return component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }
}
