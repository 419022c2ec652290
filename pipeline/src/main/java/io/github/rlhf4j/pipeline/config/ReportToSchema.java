package io.github.rlhf4j.pipeline.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.tracking.TrackerFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** {@code report_to} in the schema of run files; {@link ReportTo} reads it. */
final class ReportToSchema {
    private ReportToSchema() {}

    static ObjectNode of(Map<String, TrackerFactory> trackers) {
        if (trackers.isEmpty()) {
            return Schemas.any();
        }
        List<String> names = new ArrayList<>();
        ObjectNode byName = Schemas.any();
        new TreeMap<>(trackers).forEach((name, factory) -> {
            if (factory.keys().stream().allMatch(key -> key.defaultValue().isPresent())) {
                names.add(name);
            }
            byName.set(name, keys(factory));
        });
        ObjectNode withKeys = Schemas.closed(byName, List.of());
        ObjectNode one = Schemas.anyOf(Schemas.oneOf(names), withKeys);
        names.add("none");
        return Schemas.anyOf(Schemas.oneOf(names), withKeys.deepCopy(), Schemas.listOf(one), Schemas.ofType("null"));
    }

    private static ObjectNode keys(TrackerFactory factory) {
        ObjectNode properties = Schemas.any();
        List<String> required = new ArrayList<>();
        RecordProbe probe = new RecordProbe(Nothing.class, factory.keys(), Map.of());
        for (ConfigKey<?> key : factory.keys()) {
            ObjectNode property = ValueSchema.plain(key.type(), KeyRange.of(probe, key.name(), key.type()));
            property.put("description", key.meaning());
            key.defaultText().ifPresent(text -> property.set("default", ValueSchema.json(text)));
            properties.set(key.name(), property);
            if (key.defaultValue().isEmpty()) {
                required.add(key.name());
            }
        }
        ObjectNode map = Schemas.closed(properties, required);
        return required.isEmpty() ? Schemas.orNull(map) : map;
    }

    /** All keys are declared. */
    private record Nothing() {}
}
