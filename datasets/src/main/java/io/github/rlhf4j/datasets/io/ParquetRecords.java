package io.github.rlhf4j.datasets.io;

import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.hadoop.api.InitContext;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.RecordMaterializer;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/** The records of a Parquet file as JSON objects, of the columns that are wanted; the others are not read from the file. */
final class ParquetRecords extends ReadSupport<ObjectNode> {
    private final Predicate<String> wanted;
    private final Set<String> unread = new LinkedHashSet<>();

    ParquetRecords(Predicate<String> wanted) {
        this.wanted = wanted;
    }

    /** Names of the columns left out; known when the file is open. */
    Set<String> unread() {
        return unread;
    }

    @Override
    public ReadContext init(InitContext context) {
        MessageType file = context.getFileSchema();
        Set<String> names = new LinkedHashSet<>();
        List<Type> fields = new ArrayList<>();
        for (Type field : file.getFields()) {
            if (!names.add(field.getName())) {
                throw new UserError("the column \"" + field.getName() + "\" is there twice");
            }
            if (wanted.test(field.getName())) {
                fields.add(field);
            } else {
                unread.add(field.getName());
            }
        }
        return new ReadContext(new MessageType(file.getName(), fields));
    }

    @Override
    public RecordMaterializer<ObjectNode> prepareForRead(
            ParquetConfiguration configuration,
            Map<String, String> metadata,
            MessageType schema,
            ReadContext readContext) {
        return new Materializer(readContext.getRequestedSchema());
    }

    @Override
    @Deprecated
    public RecordMaterializer<ObjectNode> prepareForRead(
            Configuration configuration, Map<String, String> metadata, MessageType schema, ReadContext readContext) {
        return new Materializer(readContext.getRequestedSchema());
    }

    private static final class Materializer extends RecordMaterializer<ObjectNode> {
        private final List<String> names;
        private final ParquetConverters.Struct root;
        private ObjectNode row = StrictJson.MAPPER.createObjectNode();

        Materializer(MessageType schema) {
            names = schema.getFields().stream().map(Type::getName).toList();
            root = new ParquetConverters.Struct(schema, node -> row = (ObjectNode) node);
        }

        /** The row, in which what is null is null and not lacking, as in the other formats. */
        @Override
        public ObjectNode getCurrentRecord() {
            names.forEach(name -> row.putIfAbsent(name, NullNode.instance));
            return row;
        }

        @Override
        public GroupConverter getRootConverter() {
            return root;
        }
    }
}
