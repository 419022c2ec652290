package io.github.rlhf4j.datasets.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Consumer;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation.ListLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.MapLogicalTypeAnnotation;
import org.apache.parquet.schema.Type;

/**
 * Parquet's nested columns as JSON: a struct is an object, a list an array, a map an object whose names are the keys. Lists are recognised as
 * <a href="https://github.com/apache/parquet-format/blob/master/LogicalTypes.md">LogicalTypes.md</a> says, the layouts of older writers included.
 */
final class ParquetConverters {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private ParquetConverters() {}

    /** What makes JSON of a column and gives it to {@code sink}. */
    private static Converter of(Type type, Consumer<JsonNode> sink) {
        if (type.isPrimitive()) {
            return new ParquetValue(type.asPrimitiveType(), sink);
        }
        GroupType group = type.asGroupType();
        boolean holdsOne = group.getFieldCount() == 1 && group.getType(0).isRepetition(Type.Repetition.REPEATED);
        if (holdsOne && group.getLogicalTypeAnnotation() instanceof ListLogicalTypeAnnotation) {
            return new Elements(group, sink);
        }
        if (holdsOne && group.getLogicalTypeAnnotation() instanceof MapLogicalTypeAnnotation) {
            return new Elements(group, array -> sink.accept(object(array)));
        }
        return new Struct(group, sink);
    }

    /** The entries {key, value} of a map as one object. */
    private static ObjectNode object(JsonNode entries) {
        ObjectNode object = NODES.objectNode();
        for (JsonNode entry : entries) {
            object.set(entry.path("key").asText(), entry.path("value"));
        }
        return object;
    }

    /** A record, or a column that has columns itself. */
    static final class Struct extends GroupConverter {
        private final Converter[] fields;
        private final Consumer<JsonNode> sink;
        private ObjectNode current = NODES.objectNode();

        Struct(GroupType type, Consumer<JsonNode> sink) {
            this.sink = sink;
            this.fields = new Converter[type.getFieldCount()];
            for (int i = 0; i < fields.length; i++) {
                Type field = type.getType(i);
                String name = field.getName();
                fields[i] = field.isRepetition(Type.Repetition.REPEATED) // a list without a name of its own
                        ? of(
                                field,
                                node -> current.withArray("/" + escaped(name)).add(node))
                        : of(field, node -> current.set(name, node));
            }
        }

        private static String escaped(String name) { // of a JSON pointer
            return name.replace("~", "~0").replace("/", "~1");
        }

        @Override
        public Converter getConverter(int field) {
            return fields[field];
        }

        @Override
        public void start() {
            current = NODES.objectNode();
        }

        @Override
        public void end() {
            sink.accept(current);
        }
    }

    /** A list: a group with one repeated field, which is the element or holds it. */
    private static final class Elements extends GroupConverter {
        private final Converter repeated;
        private final Consumer<JsonNode> sink;
        private ArrayNode current = NODES.arrayNode();

        Elements(GroupType list, Consumer<JsonNode> sink) {
            this.sink = sink;
            Type field = list.getType(0);
            boolean isWrapped = !field.isPrimitive()
                    && field.asGroupType().getFieldCount() == 1
                    && !field.asGroupType().getType(0).isRepetition(Type.Repetition.REPEATED)
                    && !field.getName().equals("array")
                    && !field.getName().equals(list.getName() + "_tuple");
            Consumer<JsonNode> add = node -> current.add(node);
            this.repeated = isWrapped ? new Wrapped(field.asGroupType(), add) : of(field, add);
        }

        @Override
        public Converter getConverter(int field) {
            return repeated;
        }

        @Override
        public void start() {
            current = NODES.arrayNode();
        }

        @Override
        public void end() {
            sink.accept(current);
        }
    }

    /** The group around an element, which may lack it. */
    private static final class Wrapped extends GroupConverter {
        private final Converter element;
        private final Consumer<JsonNode> sink;
        private JsonNode current = NullNode.instance;

        Wrapped(GroupType group, Consumer<JsonNode> sink) {
            this.sink = sink;
            this.element = of(group.getType(0), node -> current = node);
        }

        @Override
        public Converter getConverter(int field) {
            return element;
        }

        @Override
        public void start() {
            current = NullNode.instance;
        }

        @Override
        public void end() {
            sink.accept(current);
        }
    }
}
