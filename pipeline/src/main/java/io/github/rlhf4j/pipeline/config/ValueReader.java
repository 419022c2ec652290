package io.github.rlhf4j.pipeline.config;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.Suggestion;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.training.EvalDatasets;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.math.BigInteger;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads one value as the Java type that a config record wants. */
final class ValueReader {
    private static final Pattern INTEGER = Pattern.compile("[-+]?[0-9]+");
    private static final Pattern NUMBER = Pattern.compile("[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?");
    private static final Pattern INFINITY = Pattern.compile("[-+]?\\.(inf|Inf|INF)");

    private final ModelNames models;
    private final UnaryOperator<DatasetSpec> datasets;
    private final RecordBinder records;

    /**
     * @param models what a model input means; throws {@link UserError} for what it cannot be
     * @param datasets what a dataset means; throws {@link UserError} for what it cannot be
     * @param records binds records that are not groups
     */
    ValueReader(ModelNames models, UnaryOperator<DatasetSpec> datasets, RecordBinder records) {
        this.models = models;
        this.datasets = datasets;
        this.records = records;
    }

    /** Binds nested records. */
    interface RecordBinder {
        Record bind(Class<?> type, ConfigValue.Entries entries, String path);
    }

    /**
     * The value as {@code type}.
     *
     * @param path the key with its stage, for messages
     * @throws UserError when the value is of another type
     */
    Object read(ConfigValue value, Type type, String path) {
        if (type instanceof ParameterizedType parameterized) {
            return readGeneric(value, parameterized, path);
        }
        Class<?> wanted = (Class<?>) type;
        Optional<Method> factory = factory(wanted);
        if (factory.isPresent()) {
            return resolved(readUnion(value, factory.get(), path), value, path);
        }
        if (wanted.isRecord() && wanted != ModelReference.class) {
            if (value instanceof ConfigValue.Entries entries) {
                return records.bind(wanted, entries, path);
            }
            Optional<Method> ofText = factory(wanted, String.class);
            if (value instanceof ConfigValue.Scalar scalar && !scalar.isNull() && ofText.isPresent()) {
                return call(ofText.get(), scalar.text(), value, path);
            }
            throw mismatch(
                    value,
                    path,
                    (ofText.isPresent() ? "a name or " : "") + "a map of "
                            + ConfigKeys.of(wanted).keySet());
        }
        if (wanted == ModelReference.class && value instanceof ConfigValue.Entries map) {
            return AdaptedModel.read(map, models, path);
        }
        if (wanted == JsonNode.class) {
            return json(value);
        }
        return readScalar(value, wanted, path);
    }

    /** Datasets as what they mean. */
    private Object resolved(Object read, ConfigValue value, String path) {
        if (read instanceof DatasetSpec spec) {
            return meaning(value, path, () -> datasets.apply(spec));
        }
        if (read instanceof EvalDatasets sets) {
            Map<String, DatasetSpec> resolved = new LinkedHashMap<>();
            sets.byName().forEach((name, spec) -> resolved.put(name, meaning(value, path, () -> datasets.apply(spec))));
            return new EvalDatasets(resolved);
        }
        return read;
    }

    /** What a value means; key and place are said with what is wrong. */
    static <T> T meaning(ConfigValue value, String path, Supplier<T> found) {
        try {
            return found.get();
        } catch (UserError e) {
            throw new UserError(path + ": " + e.getMessage() + where(value), e);
        }
    }

    private Object readGeneric(ConfigValue value, ParameterizedType type, String path) {
        Type element = type.getActualTypeArguments()[type.getActualTypeArguments().length - 1];
        if (type.getRawType() == Optional.class) {
            return isNull(value) ? Optional.empty() : Optional.of(read(value, element, path));
        }
        if (type.getRawType() == List.class
                && element == ModelReference.class
                && value instanceof ConfigValue.Entries named) {
            return namedModels(named, path);
        }
        if (type.getRawType() == List.class) {
            List<ConfigValue> items =
                    value instanceof ConfigValue.Items list ? list.items() : isNull(value) ? List.of() : List.of(value);
            List<Object> read = new ArrayList<>();
            for (ConfigValue item : items) {
                read.add(read(item, element, items.size() == 1 ? path : path + "[" + read.size() + "]"));
            }
            return List.copyOf(read);
        }
        if (type.getRawType() == Map.class) {
            if (isNull(value)) {
                return Map.of();
            }
            if (!(value instanceof ConfigValue.Entries entries)) {
                throw mismatch(value, path, "a map");
            }
            Map<String, Object> read = new LinkedHashMap<>();
            entries.entries().forEach((key, item) -> read.put(key, read(item, element, path + "." + key)));
            return read;
        }
        throw new IllegalStateException(path + " has the type " + type + ", which run files do not know");
    }

    /** Models as a map from a name to each. */
    private List<ModelReference> namedModels(ConfigValue.Entries entries, String path) {
        List<ModelReference> models = new ArrayList<>();
        entries.entries()
                .forEach((name, item) ->
                        models.add(((ModelReference) read(item, ModelReference.class, path + "." + name)).named(name)));
        return List.copyOf(models);
    }

    private Object readScalar(ConfigValue value, Class<?> wanted, String path) {
        if (wanted == OptionalInt.class) {
            return isNull(value) ? OptionalInt.empty() : OptionalInt.of((int) readScalar(value, int.class, path));
        }
        if (wanted == OptionalLong.class) {
            return isNull(value) ? OptionalLong.empty() : OptionalLong.of((long) readScalar(value, long.class, path));
        }
        if (wanted == OptionalDouble.class) {
            return isNull(value)
                    ? OptionalDouble.empty()
                    : OptionalDouble.of((double) readScalar(value, double.class, path));
        }
        if (!(value instanceof ConfigValue.Scalar scalar)) {
            throw mismatch(
                    value,
                    path,
                    wanted == ModelReference.class
                            ? "a folder, a stage's name or {base: .., adapter: ..}"
                            : expectation(wanted));
        }
        if (scalar.isNull()) {
            throw mismatch(value, path, expectation(wanted));
        }
        String text = scalar.text();
        if (wanted == ModelReference.class) {
            return meaning(scalar, path, () -> models.model(text));
        }
        if (wanted == String.class) {
            return text;
        }
        if (wanted == Path.class) {
            try {
                return Path.of(text);
            } catch (InvalidPathException e) {
                throw mismatch(value, path, "a path");
            }
        }
        if (scalar.quoted() && !wanted.isEnum()) {
            throw mismatch(value, path, expectation(wanted) + " (without quotes)");
        }
        if (wanted == boolean.class || wanted == Boolean.class) {
            return switch (text) {
                case "true" -> true;
                case "false" -> false;
                default -> throw mismatch(value, path, expectation(wanted));
            };
        }
        if (wanted.isEnum()) {
            return enumConstant(scalar, wanted, path);
        }
        return number(scalar, wanted, path);
    }

    private static Object number(ConfigValue.Scalar scalar, Class<?> wanted, String path) {
        String text = scalar.text();
        if (wanted == int.class || wanted == Integer.class || wanted == long.class || wanted == Long.class) {
            if (!INTEGER.matcher(text).matches()) {
                throw mismatch(scalar, path, expectation(wanted));
            }
            BigInteger number = new BigInteger(text);
            boolean isInt = wanted == int.class || wanted == Integer.class;
            if (number.bitLength() >= (isInt ? Integer.SIZE : Long.SIZE)) {
                throw mismatch(
                        scalar, path, "a whole number of at most " + (isInt ? Integer.MAX_VALUE : Long.MAX_VALUE));
            }
            return isInt ? (Object) number.intValue() : (Object) number.longValue();
        }
        double number;
        if (INFINITY.matcher(text).matches()) {
            number = text.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        } else if (NUMBER.matcher(text).matches()) {
            number = Double.parseDouble(text);
        } else {
            throw mismatch(scalar, path, expectation(wanted));
        }
        if (wanted == float.class || wanted == Float.class) {
            return (float) number;
        }
        if (wanted == double.class || wanted == Double.class) {
            return number;
        }
        throw new IllegalStateException(path + " has the type " + wanted + ", which run files do not know");
    }

    private static Object enumConstant(ConfigValue.Scalar scalar, Class<?> wanted, String path) {
        List<String> names = Arrays.stream(wanted.getEnumConstants())
                .map(ValueReader::configName)
                .toList();
        int index = names.indexOf(scalar.text());
        if (index < 0) {
            throw new UserError(path + " must be one of " + String.join(", ", names) + ", but is " + scalar.toLine()
                    + Suggestion.phrase(scalar.text(), names) + where(scalar));
        }
        return wanted.getEnumConstants()[index];
    }

    private static String configName(Object constant) {
        return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT);
    }

    /** Whether a type reads a text or a map by itself. */
    static boolean isUnion(Class<?> wanted) {
        return factory(wanted).isPresent();
    }

    private static Optional<Method> factory(Class<?> wanted) {
        return factory(wanted, JsonNode.class);
    }

    /** Whether a record can be given as one text instead of a map. */
    static boolean isText(Class<?> wanted) {
        return factory(wanted, String.class).isPresent();
    }

    private static Optional<Method> factory(Class<?> wanted, Class<?> parameter) {
        return Arrays.stream(wanted.getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(JsonCreator.class))
                .filter(method -> Arrays.equals(method.getParameterTypes(), new Class<?>[] {parameter}))
                .findFirst();
    }

    /** What a type that reads a text or a map by itself makes of {@code node}; empty where the type does not. */
    static Optional<Object> union(Class<?> wanted, JsonNode node) {
        Optional<Method> factory = factory(wanted);
        if (factory.isEmpty()) {
            return Optional.empty();
        }
        factory.get().setAccessible(true);
        try {
            return Optional.of(factory.get().invoke(null, node));
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof UserError error) {
                throw error;
            }
            throw new IllegalStateException(wanted.getName(), e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(wanted.getName(), e);
        }
    }

    /** A type that reads a text or a map by itself; its messages, a line for each mistake, begin with its own name for the key. */
    private static Object readUnion(ConfigValue value, Method factory, String path) {
        if (isNull(value)) {
            throw new UserError(path + " must not be empty" + where(value));
        }
        return call(factory, json(value), value, path);
    }

    private static Object call(Method factory, Object argument, ConfigValue value, String path) {
        try {
            factory.setAccessible(true);
            return factory.invoke(null, argument);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof UserError error) {
                String own = String.valueOf(error.getMessage())
                        .lines()
                        .map(line -> line.replaceFirst("^[a-z_]+(?=[. ])", Matcher.quoteReplacement(path)))
                        .map(line -> line + where(value))
                        .collect(Collectors.joining("\n"));
                throw new UserError(own, error);
            }
            throw new IllegalStateException(path, e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(path, e);
        }
    }

    /** As YAML's core schema reads it. */
    static JsonNode json(ConfigValue value) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        if (value instanceof ConfigValue.Entries entries) {
            ObjectNode object = nodes.objectNode();
            entries.entries().forEach((key, item) -> object.set(key, json(item)));
            return object;
        }
        if (value instanceof ConfigValue.Items list) {
            ArrayNode array = nodes.arrayNode();
            list.items().forEach(item -> array.add(json(item)));
            return array;
        }
        ConfigValue.Scalar scalar = (ConfigValue.Scalar) value;
        String text = scalar.text();
        if (scalar.isNull()) {
            return nodes.nullNode();
        }
        if (scalar.quoted()) {
            return nodes.textNode(text);
        }
        if (text.equals("true") || text.equals("false")) {
            return nodes.booleanNode(text.equals("true"));
        }
        if (INTEGER.matcher(text).matches()) {
            BigInteger number = new BigInteger(text);
            return number.bitLength() < Long.SIZE ? nodes.numberNode(number.longValue()) : nodes.numberNode(number);
        }
        return NUMBER.matcher(text).matches() ? nodes.numberNode(Double.parseDouble(text)) : nodes.textNode(text);
    }

    static boolean isNull(ConfigValue value) {
        return value instanceof ConfigValue.Scalar scalar && scalar.isNull();
    }

    private static String expectation(Class<?> wanted) {
        if (wanted == boolean.class || wanted == Boolean.class) {
            return "true or false";
        }
        if (wanted == int.class || wanted == long.class || wanted == Integer.class || wanted == Long.class) {
            return "a whole number";
        }
        if (wanted.isEnum()) {
            return Arrays.stream(wanted.getEnumConstants())
                    .map(ValueReader::configName)
                    .collect(Collectors.joining(", ", "one of ", ""));
        }
        return wanted == String.class || wanted == Path.class || wanted == ModelReference.class ? "a text" : "a number";
    }

    private static UserError mismatch(ConfigValue value, String path, String mustBe) {
        return new UserError(path + " must be " + mustBe + ", but is " + value.toLine() + where(value));
    }

    /** " (file:line)", or nothing for what is shipped. */
    static String where(ConfigValue value) {
        return value.origin().equals(Origin.DEFAULT) ? "" : " (" + value.origin() + ")";
    }
}
