package io.github.rlhf4j.pipeline.config;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.tracking.TrackerFactory;
import java.util.Map;
import java.util.TreeMap;

/**
 * The JSON schema (draft 2020-12) of run files, for editors and forms: every key of every bound stage with its type, range, default and meaning. What it refuses, the program refuses; what only shows
 * when keys, files and models are seen together is the program's to say.
 */
public final class RunSchema {
    private RunSchema() {}

    /** The schema for these stages; of trackers it says nothing. */
    public static ObjectNode of(Map<String, Stage<?>> stages) {
        return of(stages, Map.of(), BoundNames.NONE);
    }

    /** The schema for these stages and trackers, with the names of what is bound. */
    public static ObjectNode of(Map<String, Stage<?>> stages, Map<String, TrackerFactory> trackers, BoundNames names) {
        Map<String, String> meanings = KeyMeanings.ofRun();
        ObjectNode schema = Schemas.any();
        schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.put("title", "Run file of RLHF4J");
        schema.put("type", "object");
        ObjectNode properties = schema.putObject("properties");
        properties.set("name", Schemas.scalar().put("pattern", "^[A-Za-z0-9_-][A-Za-z0-9_.-]*$"));
        properties.set("seed", Schemas.ofType("integer").put("minimum", 0).put("default", 0));
        properties.set("output_dir", Schemas.scalar().put("default", "runs"));
        properties.set("model", Schemas.orNull(Schemas.anyOf(Schemas.reference("model"))));
        properties.set("dataset", Schemas.orNull(Schemas.anyOf(Schemas.reference("dataset"))));
        properties.set("report_to", ReportToSchema.of(trackers));
        properties.set("watts", Schemas.ofType("number").put("exclusiveMinimum", 0));
        properties.set("cluster", ClusterSchema.of());
        ObjectNode compute = Schemas.scalar();
        compute.putArray("enum").add("float32").add("bfloat16");
        properties.set(RunFile.COMPUTE, compute);
        properties.set("stages", stagesByName());
        properties.set("experiment", ExperimentSchema.section());
        Schemas.describe(properties, meanings);
        schema.putObject("patternProperties").put("^x-", true);
        schema.put("additionalProperties", false);
        schema.putArray("required").add("stages");
        ObjectNode definitions = schema.putObject("$defs");
        definitions.set("model", ValueSchema.model());
        definitions.set("dataset", ValueSchema.dataset());
        definitions.set("datasets", ValueSchema.datasets());
        definitions.set("stage", anyStage(stages, meanings));
        new TreeMap<>(stages)
                .forEach((type, stage) -> definitions.set("stage-" + type, stage(type, stage, meanings, names)));
        return schema;
    }

    private static ObjectNode stagesByName() {
        ObjectNode byName = Schemas.mapOf(Schemas.reference("stage")).put("minProperties", 1);
        byName.putObject("propertyNames")
                .put("pattern", "^(?!(" + String.join("|", RunDraft.FOLDERS) + ")$)[a-z0-9_-]+$");
        return byName;
    }

    private static ObjectNode anyStage(Map<String, Stage<?>> stages, Map<String, String> meanings) {
        ObjectNode any = Schemas.ofType("object");
        ObjectNode type = any.putObject("properties").putObject("type");
        type.put("description", meanings.getOrDefault("type", ""));
        ArrayNode types = type.putArray("enum");
        ArrayNode cases = any.putArray("allOf");
        new TreeMap<>(stages).keySet().forEach(name -> {
            types.add(name);
            ObjectNode choice = cases.addObject();
            ObjectNode condition = choice.putObject("if");
            condition.putObject("properties").putObject("type").put("const", name);
            condition.putArray("required").add("type");
            choice.putObject("then").put("$ref", "#/$defs/stage-" + name);
        });
        any.putArray("required").add("type");
        return any;
    }

    private static ObjectNode stage(String type, Stage<?> stage, Map<String, String> meanings, BoundNames names) {
        ValueSchema values = new ValueSchema(stage, key -> names.of(type, key));
        ObjectNode schema = Schemas.ofType("object");
        ObjectNode properties = schema.putObject("properties");
        properties.putObject("type").put("const", type).put("description", meanings.getOrDefault("type", ""));
        properties
                .putObject("seed")
                .put("type", "integer")
                .put("minimum", 0)
                .put("description", "of the stage; by default derived from the run's seed and the stage's name");
        ArrayNode required = schema.putArray("required").add("type");
        StageKeys.of(stage, type).keys().forEach((name, key) -> {
            ObjectNode property = values.of(name, key.type(), key.range());
            property.put("description", key.meaning());
            key.value().ifPresent(line -> property.set("default", ValueSchema.json(line)));
            properties.set(name, property);
            if (key.isRequired()) {
                required.add(name);
            }
        });
        schema.put("additionalProperties", false);
        return schema;
    }
}
