package io.github.rlhf4j.core.files;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The checked header of one safetensors file: where each tensor is. */
final class SafetensorsHeader {
    private static final int PREFIX = 8; // bytes of the header's length
    private static final long MAX_HEADER = 100_000_000; // the format's own limit, bytes
    private static final Map<String, Integer> BITS = bits();
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final Path file;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    /** A tensor's place: {@code begin} in bytes from the beginning of the file. */
    record Entry(String name, String dtype, List<Long> shape, long begin, long bytes) {
        long elements() {
            return shape.stream().reduce(1L, (a, b) -> a * b);
        }
    }

    private SafetensorsHeader(Path file) {
        this.file = file;
    }

    /** Reads and checks the header: the tensors must cover the file's data exactly, without holes or overlap. */
    static SafetensorsHeader read(Path file, FileChannel channel) throws IOException {
        SafetensorsHeader header = new SafetensorsHeader(file);
        long size = channel.size();
        if (size < PREFIX) {
            throw header.error("is " + size + " bytes long, too short for a safetensors file");
        }
        long length = readFully(channel, 0, PREFIX).getLong();
        if (length < 2 || length > MAX_HEADER || length > size - PREFIX) {
            throw header.error("is not a safetensors file, or is cut off: its header would be "
                    + Long.toUnsignedString(length) + " bytes long and the file has " + size);
        }
        header.parse(readFully(channel, PREFIX, (int) length), PREFIX + length);
        header.checkCoverage(PREFIX + length, size);
        return header;
    }

    private static ByteBuffer readFully(FileChannel channel, long position, int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining() && channel.read(buffer, position + buffer.position()) >= 0) {
            // until the buffer is full or the file ends
        }
        if (buffer.hasRemaining()) {
            throw new IOException("the file ended early");
        }
        return buffer.flip();
    }

    private void parse(ByteBuffer bytes, long dataStart) {
        String text;
        JsonNode root;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
            root = MAPPER.readTree(text);
        } catch (CharacterCodingException e) {
            throw error("has a header that is not UTF-8");
        } catch (JsonProcessingException e) {
            throw error("has a header that is not valid JSON: " + e.getOriginalMessage());
        }
        if (!text.startsWith("{") || !(root instanceof ObjectNode object)) {
            throw error("has a header that is not a JSON object");
        }
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            if (field.getKey().equals("__metadata__")) {
                field.getValue()
                        .properties()
                        .forEach(item ->
                                metadata.put(item.getKey(), item.getValue().asText()));
            } else {
                entries.put(field.getKey(), entry(field.getKey(), field.getValue(), dataStart));
            }
        }
    }

    private Entry entry(String name, JsonNode node, long dataStart) {
        String dtype = node.path("dtype").asText();
        Integer bits = BITS.get(dtype);
        if (bits == null) {
            throw error(name, "has dtype \"" + dtype + "\", which is none of " + BITS.keySet());
        }
        List<Long> shape = wholeNumbers(name, "shape", node.path("shape"), -1);
        List<Long> offsets = wholeNumbers(name, "data_offsets", node.path("data_offsets"), 2);
        long bytes = offsets.get(1) - offsets.get(0);
        if (bytes < 0 || bytes != size(name, shape, bits)) {
            throw error(name, "has data_offsets " + offsets + ", which do not fit its shape " + shape + " of " + dtype);
        }
        return new Entry(name, dtype, shape, dataStart + offsets.get(0), bytes);
    }

    private List<Long> wholeNumbers(String name, String key, JsonNode node, int count) {
        boolean valid = node.isArray() && (count < 0 || node.size() == count);
        List<Long> result = new ArrayList<>();
        for (JsonNode number : node) {
            valid &= number.isIntegralNumber() && number.canConvertToLong() && number.longValue() >= 0;
            result.add(number.longValue());
        }
        if (!valid) {
            throw error(name, "has " + key + " " + node + ", which must be a list of whole numbers >= 0");
        }
        return result;
    }

    private long size(String name, List<Long> shape, int bits) {
        try {
            long elements = 1;
            for (long dimension : shape) {
                elements = Math.multiplyExact(elements, dimension);
            }
            long total = Math.multiplyExact(elements, (long) bits);
            return total % 8 == 0 ? total / 8 : -1;
        } catch (ArithmeticException e) {
            throw error(name, "has shape " + shape + ", which is larger than any file");
        }
    }

    private void checkCoverage(long dataStart, long fileSize) {
        List<Entry> ordered = new ArrayList<>(entries.values());
        ordered.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::bytes));
        long end = dataStart;
        for (Entry entry : ordered) {
            if (entry.begin() != end) {
                throw error(
                        entry.name(),
                        entry.begin() < end
                                ? "overlaps the tensor before it"
                                : "leaves a hole of " + (entry.begin() - end) + " bytes before it");
            }
            end += entry.bytes();
        }
        if (end != fileSize) {
            throw error("is " + fileSize + " bytes long, but its tensors end at byte " + end
                    + (end > fileSize ? ": it is cut off, fetch it again" : ""));
        }
        entries.clear();
        ordered.forEach(entry -> entries.put(entry.name(), entry));
    }

    /** Tensors in the order of their data. */
    Map<String, Entry> entries() {
        return entries;
    }

    Map<String, String> metadata() {
        return metadata;
    }

    private UserError error(String problem) {
        return new UserError(file + " " + problem);
    }

    private UserError error(@Nullable String tensor, String problem) {
        return new UserError(file + ": tensor " + tensor + " " + problem);
    }

    private static Map<String, Integer> bits() {
        Map<String, Integer> bits = new LinkedHashMap<>();
        for (String type : List.of("F64", "I64", "U64", "C64")) {
            bits.put(type, 64);
        }
        for (String type : List.of("F32", "I32", "U32")) {
            bits.put(type, 32);
        }
        for (String type : List.of("F16", "BF16", "I16", "U16")) {
            bits.put(type, 16);
        }
        for (String type : List.of("BOOL", "I8", "U8", "F8_E4M3", "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ")) {
            bits.put(type, 8);
        }
        bits.put("F6_E2M3", 6);
        bits.put("F6_E3M2", 6);
        bits.put("F4", 4);
        return bits;
    }
}
