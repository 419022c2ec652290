package io.github.rlhf4j.datasets.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.parquet.column.Dictionary;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DateLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.Float16LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.UUIDLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/** One value as JSON: numbers are numbers, dates and times are texts as ISO 8601 writes them, bytes are the text whose UTF-8 they are, or stay bytes. */
final class ParquetValue extends PrimitiveConverter {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final long JULIAN_DAY_OF_1970 = 2_440_588;
    private static final int HALF_BYTES = 2;

    private final Type type;
    private final @Nullable LogicalTypeAnnotation meaning;
    private final boolean isInt96;
    private final Consumer<JsonNode> sink;
    private JsonNode[] dictionary = new JsonNode[0];

    ParquetValue(PrimitiveType type, Consumer<JsonNode> sink) {
        this.type = type;
        this.meaning = type.getLogicalTypeAnnotation();
        this.isInt96 = type.getPrimitiveTypeName() == PrimitiveTypeName.INT96;
        this.sink = sink;
    }

    @Override
    public void addBoolean(boolean value) {
        sink.accept(NODES.booleanNode(value));
    }

    @Override
    public void addFloat(float value) {
        sink.accept(NODES.numberNode(value));
    }

    @Override
    public void addDouble(double value) {
        sink.accept(NODES.numberNode(value));
    }

    @Override
    public void addInt(int value) {
        if (meaning instanceof DateLogicalTypeAnnotation) {
            sink.accept(NODES.textNode(LocalDate.ofEpochDay(value).toString()));
        } else if (meaning instanceof IntLogicalTypeAnnotation whole && !whole.isSigned()) {
            sink.accept(NODES.numberNode(Integer.toUnsignedLong(value)));
        } else if (meaning instanceof TimeLogicalTypeAnnotation || meaning instanceof DecimalLogicalTypeAnnotation) {
            addLong(value);
        } else {
            sink.accept(NODES.numberNode(value));
        }
    }

    @Override
    public void addLong(long value) {
        if (meaning instanceof TimestampLogicalTypeAnnotation time) {
            sink.accept(NODES.textNode(timestamp(value, time)));
        } else if (meaning instanceof TimeLogicalTypeAnnotation time) {
            LocalTime ofDay = LocalTime.MIDNIGHT.plus(value, unit(time.getUnit()));
            sink.accept(NODES.textNode(DateTimeFormatter.ISO_LOCAL_TIME.format(ofDay)));
        } else if (meaning instanceof DecimalLogicalTypeAnnotation decimal) {
            sink.accept(NODES.numberNode(BigDecimal.valueOf(value, decimal.getScale())));
        } else if (meaning instanceof IntLogicalTypeAnnotation whole && !whole.isSigned()) {
            sink.accept(NODES.numberNode(new BigInteger(Long.toUnsignedString(value))));
        } else {
            sink.accept(NODES.numberNode(value));
        }
    }

    private static String timestamp(long value, TimestampLogicalTypeAnnotation time) {
        Instant instant = Instant.EPOCH.plus(value, unit(time.getUnit()));
        return time.isAdjustedToUTC() ? instant.toString() : local(instant);
    }

    private static String local(Instant instant) {
        return DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(LocalDateTime.ofInstant(instant, ZoneOffset.UTC));
    }

    private static ChronoUnit unit(TimeUnit unit) {
        return switch (unit) {
            case MILLIS -> ChronoUnit.MILLIS;
            case MICROS -> ChronoUnit.MICROS;
            case NANOS -> ChronoUnit.NANOS;
        };
    }

    @Override
    public void addBinary(Binary value) {
        sink.accept(node(value));
    }

    private JsonNode node(Binary value) {
        if (isInt96) {
            ByteBuffer bytes = value.toByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
            long nanos = bytes.getLong();
            Instant day = Instant.EPOCH.plus(bytes.getInt() - JULIAN_DAY_OF_1970, ChronoUnit.DAYS);
            return NODES.textNode(local(day.plusNanos(nanos)));
        }
        if (meaning instanceof DecimalLogicalTypeAnnotation decimal) {
            return NODES.numberNode(new BigDecimal(new BigInteger(value.getBytes()), decimal.getScale()));
        }
        if (meaning instanceof Float16LogicalTypeAnnotation && value.length() == HALF_BYTES) {
            ByteBuffer bytes = value.toByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
            return NODES.numberNode(half(bytes.getShort()));
        }
        if (meaning instanceof UUIDLogicalTypeAnnotation) {
            ByteBuffer bytes = value.toByteBuffer();
            return NODES.textNode(new UUID(bytes.getLong(), bytes.getLong()).toString());
        }
        try {
            return NODES.textNode(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(value.toByteBuffer())
                    .toString());
        } catch (CharacterCodingException e) { // an image, for example: of use to nobody who wants a text
            return NODES.binaryNode(value.getBytes());
        }
    }

    /** IEEE 754 binary16. */
    private static float half(short bits) {
        int sign = (bits & 0x8000) << 16;
        int exponent = (bits >> 10) & 0x1F;
        int fraction = bits & 0x3FF;
        if (exponent == 0) { // subnormal
            return Math.copySign(fraction * 0x1.0p-24f, Float.intBitsToFloat(sign));
        }
        int wide = exponent == 0x1F ? 0xFF : exponent - 15 + 127;
        return Float.intBitsToFloat(sign | (wide << 23) | (fraction << 13));
    }

    @Override
    public boolean hasDictionarySupport() {
        return type.asPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.BINARY;
    }

    @Override
    public void setDictionary(Dictionary values) {
        dictionary = new JsonNode[values.getMaxId() + 1];
        for (int id = 0; id < dictionary.length; id++) {
            dictionary[id] = NullNode.instance;
        }
        for (int id = 0; id < dictionary.length; id++) {
            dictionary[id] = node(values.decodeToBinary(id));
        }
    }

    @Override
    public void addValueFromDictionary(int id) {
        sink.accept(dictionary[id]);
    }
}
