package io.github.rlhf4j.pipeline.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.datasets.DatasetSpec;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;

/** The JSON schema (draft 2020-12) of run files, for editors: every key of every bound stage with type, default and meaning. Ranges are the program's to check. */
public final class RunSchema {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private RunSchema() {}

    /** The schema for these stages. */
    public static ObjectNode of(Map<String, Stage<?>> stages) {
        ObjectNode schema = NODES.objectNode();
        schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.put("title", "Run file of RLHF4J");
        schema.put("type", "object");
        ObjectNode properties = schema.putObject("properties");
        Map<String, String> meanings = KeyMeanings.ofRun();
        property(properties, "name", "string", meanings).put("pattern", "^[A-Za-z0-9_-][A-Za-z0-9_.-]*$");
        property(properties, "seed", "integer", meanings).put("minimum", 0).put("default", 0);
        property(properties, "output_dir", "string", meanings).put("default", "runs");
        properties.set("model", model().put("description", meanings.getOrDefault("model", "")));
        properties
                .putObject("dataset")
                .put("$ref", "#/$defs/dataset")
                .put("description", meanings.getOrDefault("dataset", ""));
        ObjectNode byName = property(properties, "stages", "object", meanings);
        byName.put("minProperties", 1);
        byName.putObject("propertyNames").put("pattern", "^(?!cache$)[a-z0-9_-]+$");
        byName.putObject("additionalProperties").put("$ref", "#/$defs/stage");
        property(properties, "experiment", "object", meanings);
        schema.putObject("patternProperties").put("^x-", true);
        schema.put("additionalProperties", false);
        schema.putArray("required").add("stages");
        ObjectNode definitions = schema.putObject("$defs");
        definitions.set("dataset", dataset());
        definitions.set("stage", anyStage(stages));
        new TreeMap<>(stages).forEach((type, stage) -> definitions.set("stage-" + type, stage(type, stage, meanings)));
        return schema;
    }

    private static ObjectNode property(ObjectNode properties, String name, String type, Map<String, String> meanings) {
        return properties.putObject(name).put("type", type).put("description", meanings.getOrDefault(name, ""));
    }

    private static ObjectNode dataset() {
        ObjectNode map = NODES.objectNode().put("type", "object");
        ObjectNode keys = map.putObject("properties");
        KeyMeanings.ofDataset().forEach((key, meaning) -> keys.putObject(key).put("description", meaning));
        map.put("additionalProperties", false);
        map.putArray("required").add("path");
        ObjectNode paths = NODES.objectNode().put("type", "array").put("minItems", 1);
        paths.putObject("items").put("type", "string");
        ObjectNode dataset = NODES.objectNode();
        dataset.putArray("anyOf")
                .add(NODES.objectNode().put("type", "string"))
                .add(paths)
                .add(map);
        return dataset;
    }

    private static ObjectNode anyStage(Map<String, Stage<?>> stages) {
        ObjectNode any = NODES.objectNode().put("type", "object");
        ArrayNode types = any.putObject("properties").putObject("type").putArray("enum");
        ArrayNode cases = any.putArray("allOf");
        new TreeMap<>(stages).keySet().forEach(type -> {
            types.add(type);
            ObjectNode choice = cases.addObject();
            ObjectNode condition = choice.putObject("if");
            condition.putObject("properties").putObject("type").put("const", type);
            condition.putArray("required").add("type");
            choice.putObject("then").put("$ref", "#/$defs/stage-" + type);
        });
        any.putArray("required").add("type");
        return any;
    }

    private static ObjectNode stage(String type, Stage<?> stage, Map<String, String> meanings) {
        ObjectNode schema = NODES.objectNode().put("type", "object");
        ObjectNode properties = schema.putObject("properties");
        properties.putObject("type").put("const", type).put("description", meanings.getOrDefault("type", ""));
        properties
                .putObject("seed")
                .put("type", "integer")
                .put("minimum", 0)
                .put("description", "of the stage; by default derived from the run's seed and the stage's name");
        ArrayNode required = schema.putArray("required").add("type");
        StageKeys.of(stage, type).keys().forEach((name, key) -> {
            ObjectNode property = key.choices().isEmpty() ? value(key.type(), stage) : orNull(oneOf(key.choices()));
            property.put("description", key.meaning());
            key.value().ifPresent(line -> property.set("default", json(line)));
            properties.set(name, property);
            if (key.isRequired()) {
                required.add(name);
            }
        });
        schema.put("additionalProperties", false);
        return schema;
    }

    private static JsonNode json(String line) {
        return ValueReader.json(YamlReader.readArgument(line, "default"));
    }

    /** What a value of a type of a config record looks like. */
    private static ObjectNode value(Type type, Stage<?> stage) {
        if (type instanceof ParameterizedType parameterized) {
            Type[] arguments = parameterized.getActualTypeArguments();
            ObjectNode inner = value(arguments[arguments.length - 1], stage);
            if (parameterized.getRawType() == Optional.class) {
                return orNull(inner);
            }
            return parameterized.getRawType() == List.class ? list(inner, arguments[0]) : map(inner);
        }
        Class<?> wanted = (Class<?>) type;
        if (wanted == OptionalInt.class || wanted == OptionalLong.class) {
            return orNull(ofType("integer"));
        }
        if (wanted == OptionalDouble.class) {
            return orNull(ofType("number"));
        }
        if (List.of(int.class, long.class, Integer.class, Long.class).contains(wanted)) {
            return ofType("integer");
        }
        if (List.of(double.class, float.class, Double.class, Float.class).contains(wanted)) {
            return ofType("number");
        }
        if (wanted == boolean.class || wanted == Boolean.class) {
            return ofType("boolean");
        }
        if (wanted == DatasetSpec.class) {
            return NODES.objectNode().put("$ref", "#/$defs/dataset");
        }
        if (wanted == String.class || wanted == java.nio.file.Path.class) {
            return ofType("string");
        }
        if (wanted == ModelReference.class) {
            return model();
        }
        if (wanted.isEnum()) {
            return oneOf(Arrays.stream(wanted.getEnumConstants())
                    .map(constant -> ((Enum<?>) constant).name().toLowerCase(Locale.ROOT))
                    .toList());
        }
        if (!wanted.isRecord() || ValueReader.isUnion(wanted)) {
            return NODES.objectNode();
        }
        return ValueReader.isText(wanted) ? anyOf(ofType("string"), record(wanted, stage)) : record(wanted, stage);
    }

    /** A folder or a stage's name, or two such. */
    private static ObjectNode model() {
        ObjectNode adapted = ofType("object");
        ObjectNode keys = adapted.putObject("properties");
        keys.set("base", ofType("string"));
        keys.set("adapter", ofType("string"));
        adapted.put("additionalProperties", false);
        adapted.putArray("required").add("base").add("adapter");
        return anyOf(ofType("string"), adapted);
    }

    private static ObjectNode record(Class<?> type, Stage<?> stage) {
        ObjectNode schema = ofType("object");
        ObjectNode properties = schema.putObject("properties");
        ArrayNode required = schema.putArray("required");
        ConfigKeys.of(type, stage.keys(type, Map.of())).forEach((key, wanted) -> {
            properties.set(key, value(wanted, stage));
            if (ConfigKeys.absent(wanted) == null) {
                required.add(key);
            }
        });
        schema.put("additionalProperties", false);
        return schema;
    }

    private static ObjectNode oneOf(List<String> texts) {
        ObjectNode choice = NODES.objectNode();
        ArrayNode names = choice.putArray("enum");
        texts.forEach(names::add);
        return choice;
    }

    private static ObjectNode ofType(String name) {
        return NODES.objectNode().put("type", name);
    }

    private static ObjectNode orNull(ObjectNode inner) {
        return anyOf(inner, ofType("null"));
    }

    /** A list, or its only element, or nothing; models may be a map of names. */
    private static ObjectNode list(ObjectNode element, Type of) {
        ObjectNode items = ofType("array");
        items.set("items", element);
        ObjectNode any = anyOf(items, element.deepCopy(), ofType("null"));
        if (of == ModelReference.class) {
            ((ArrayNode) any.get("anyOf")).add(map(element.deepCopy()));
        }
        return any;
    }

    private static ObjectNode map(ObjectNode element) {
        ObjectNode map = ofType("object");
        map.set("additionalProperties", element);
        return map;
    }

    private static ObjectNode anyOf(ObjectNode... choices) {
        ObjectNode any = NODES.objectNode();
        ArrayNode list = any.putArray("anyOf");
        Arrays.stream(choices).forEach(list::add);
        return any;
    }
}
