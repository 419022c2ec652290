package io.github.rlhf4j.pipeline.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** The section {@code experiment} in the schema of run files; module experiment reads it. */
final class ExperimentSchema {
    private ExperimentSchema() {}

    static ObjectNode section() {
        ObjectNode setting = Schemas.mapOf(Schemas.any()).put("minProperties", 1);
        ObjectNode properties = Schemas.any();
        properties.set("grid", columns());
        properties.set("list", list(setting));
        properties.set("each", Schemas.anyOf(columns(), list(columns())));
        properties.set("metrics", names());
        properties.set("baseline", setting.deepCopy());
        properties.set("scatter", Schemas.mapOf(scatter()));
        properties.set("budget", budget());
        Schemas.describe(properties, KeyMeanings.ofNested("experiment"));
        return Schemas.closed(properties, List.of());
    }

    private static ObjectNode list(ObjectNode element) {
        return Schemas.listOf(element).put("minItems", 1);
    }

    private static ObjectNode names() {
        return Schemas.anyOf(Schemas.ofType("string"), list(Schemas.ofType("string")));
    }

    private static ObjectNode columns() {
        return Schemas.mapOf(list(Schemas.any())).put("minProperties", 1);
    }

    private static ObjectNode scatter() {
        ObjectNode axes = Schemas.any();
        axes.set("x", names());
        axes.set("y", names());
        return Schemas.closed(axes, List.of("x", "y"));
    }

    private static ObjectNode budget() {
        ObjectNode limits = Schemas.any();
        limits.set("runs", Schemas.ofType("integer").put("minimum", 1));
        limits.set("hours", Schemas.ofType("number").put("exclusiveMinimum", 0));
        return Schemas.closed(limits, List.of());
    }
}
