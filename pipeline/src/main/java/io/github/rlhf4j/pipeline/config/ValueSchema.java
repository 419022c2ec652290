package io.github.rlhf4j.pipeline.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.training.EvalDatasets;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;

/** What values of the types of config records look like, as JSON schemas; {@link ValueReader} reads them. */
final class ValueSchema {
    private final Stage<?> stage;
    private final Function<String, Optional<List<String>>> names;

    /**
     * Of the values of a stage's keys.
     *
     * @param stage whose nested records may have keys of their own
     * @param names those that a key takes, {@code KEY} or {@code KEY.KEY}, where they are bound by modules
     */
    ValueSchema(Stage<?> stage, Function<String, Optional<List<String>>> names) {
        this.stage = stage;
        this.names = names;
    }

    /**
     * The schema of a key's value.
     *
     * @param key its name, by which the keys of a map below it are looked up
     * @param range what its record says of numbers and texts
     */
    ObjectNode of(String key, Type type, KeyRange range) {
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            Type inner = arguments[arguments.length - 1];
            if (generic.getRawType() == Optional.class) {
                return Schemas.orNull(of(key, inner, range));
            }
            return generic.getRawType() == List.class ? list(key, inner) : Schemas.orNull(map(key, inner));
        }
        Class<?> wanted = (Class<?>) type;
        if (wanted == OptionalInt.class || wanted == OptionalLong.class) {
            return Schemas.orNull(number("integer", range));
        }
        if (wanted == OptionalDouble.class) {
            return Schemas.orNull(number("number", range));
        }
        if (wanted == ModelReference.class) {
            return Schemas.reference("model");
        }
        if (wanted == DatasetSpec.class) {
            return Schemas.reference("dataset");
        }
        if (wanted == EvalDatasets.class) {
            return Schemas.reference("datasets");
        }
        if (wanted.isRecord() && !ValueReader.isUnion(wanted)) {
            ObjectNode record = record(key, wanted);
            return ValueReader.isText(wanted) ? Schemas.anyOf(text(key, Schemas.ofType("string")), record) : record;
        }
        return wanted == String.class && range.choices().isEmpty()
                ? text(key, Schemas.ofType("string"))
                : plain(wanted, range);
    }

    /** A text; one of the names that are bound for the key, where there are such. */
    private ObjectNode text(String key, ObjectNode any) {
        return names.apply(key).map(Schemas::oneOf).orElse(any);
    }

    /** Of a number, a truth value, a text or one of some; anything of other types. */
    static ObjectNode plain(Class<?> wanted, KeyRange range) {
        if (List.of(int.class, long.class, Integer.class, Long.class).contains(wanted)) {
            return number("integer", range);
        }
        if (List.of(double.class, float.class, Double.class, Float.class).contains(wanted)) {
            return number("number", range);
        }
        if (wanted == boolean.class || wanted == Boolean.class) {
            return Schemas.ofType("boolean");
        }
        if (wanted == String.class) {
            return range.choices().isEmpty() ? Schemas.ofType("string") : Schemas.oneOf(range.choices());
        }
        if (wanted == Path.class) {
            return Schemas.ofType("string");
        }
        if (wanted.isEnum()) {
            return Schemas.oneOf(Arrays.stream(wanted.getEnumConstants())
                    .map(constant -> ((Enum<?>) constant).name().toLowerCase(Locale.ROOT))
                    .toList());
        }
        return Schemas.any();
    }

    private static ObjectNode number(String type, KeyRange range) {
        ObjectNode number = Schemas.ofType(type);
        range.describe(number);
        return number;
    }

    /** A list, or its only element, or nothing; models may be a map of names. */
    private ObjectNode list(String key, Type of) {
        ObjectNode element = of == String.class ? text(key, Schemas.scalar()) : of(key, of, KeyRange.ANY);
        ObjectNode any = Schemas.anyOf(Schemas.listOf(element), element.deepCopy(), Schemas.ofType("null"));
        if (of == ModelReference.class) {
            any.withArray("anyOf").add(Schemas.mapOf(element.deepCopy()));
        }
        return any;
    }

    private ObjectNode map(String key, Type of) {
        return Schemas.mapOf(of == String.class ? Schemas.scalar() : of(key, of, KeyRange.ANY));
    }

    private ObjectNode record(String of, Class<?> type) {
        List<ConfigKey<?>> declared = stage.keys(type, Map.of());
        Map<String, String> meanings = KeyMeanings.ofNested(of);
        RecordProbe probe = new RecordProbe(type, declared, Map.of());
        ObjectNode properties = Schemas.any();
        List<String> required = new ArrayList<>();
        ConfigKeys.of(type, declared).forEach((key, wanted) -> {
            ObjectNode property = names.apply(of + "." + key)
                    .map(bound -> ConfigKeys.absent(wanted) == null
                            ? Schemas.oneOf(bound)
                            : Schemas.orNull(Schemas.oneOf(bound)))
                    .orElseGet(() -> of(key, wanted, KeyRange.of(probe, key, wanted)));
            Optional<String> meaning = declared.stream()
                    .filter(own -> own.name().equals(key))
                    .map(ConfigKey::meaning)
                    .findFirst()
                    .or(() -> Optional.ofNullable(meanings.get(key)));
            meaning.filter(text -> !text.isEmpty()).ifPresent(text -> property.put("description", text));
            properties.set(key, property);
            if (ConfigKeys.absent(wanted) == null) {
                required.add(key);
            }
        });
        return Schemas.closed(properties, required);
    }

    /** A folder or a stage's name, or two such. */
    static ObjectNode model() {
        ObjectNode keys = Schemas.any();
        keys.set("base", Schemas.ofType("string").put("description", "a folder or an earlier stage"));
        keys.set(
                "adapter",
                Schemas.ofType("string")
                        .put("description", "the folder of an adapter, or an earlier stage that trains one"));
        return Schemas.anyOf(Schemas.ofType("string"), Schemas.closed(keys, List.of("base", "adapter")));
    }

    /** A path, several, or a map. */
    static ObjectNode dataset() {
        ObjectNode properties = Schemas.any();
        KeyMeanings.ofDataset().forEach((key, meaning) -> {
            if (DatasetSpec.isKey(key)) {
                ObjectNode property = datasetKey(key);
                properties.set(
                        key, (key.equals("path") ? property : Schemas.orNull(property)).put("description", meaning));
            }
        });
        return Schemas.anyOf(Schemas.ofType("string"), paths(), Schemas.closed(properties, List.of("path")));
    }

    private static ObjectNode paths() {
        return Schemas.listOf(Schemas.ofType("string")).put("minItems", 1);
    }

    private static ObjectNode datasetKey(String key) {
        return switch (key) {
            case "path" -> Schemas.anyOf(Schemas.ofType("string"), paths());
            case "limit" -> Schemas.ofType("integer").put("minimum", 1);
            case "columns" -> Schemas.mapOf(Schemas.ofType("string"));
            case "keep" ->
                Schemas.anyOf(
                        Schemas.oneOf(List.of("all")),
                        Schemas.listOf(Schemas.ofType("string")).put("minItems", 1));
            case "split" -> {
                ObjectNode parts = Schemas.any();
                parts.set("part", Schemas.ofType("string"));
                parts.set("fractions", Schemas.mapOf(Schemas.ofType("number")));
                yield Schemas.anyOf(Schemas.ofType("string"), Schemas.closed(parts, List.of("part", "fractions")));
            }
            default -> Schemas.ofType("string");
        };
    }

    /** One dataset, or several with names. */
    static ObjectNode datasets() {
        ObjectNode named = Schemas.mapOf(Schemas.reference("dataset")).put("minProperties", 1);
        ArrayNode keys = named.putObject("propertyNames").putObject("not").putArray("enum");
        KeyMeanings.ofDataset().keySet().stream().filter(DatasetSpec::isKey).forEach(keys::add);
        return Schemas.anyOf(Schemas.reference("dataset"), named);
    }

    static JsonNode json(String line) {
        return ValueReader.json(YamlReader.readArgument(line, "default"));
    }
}
