package io.github.rlhf4j.core.gguf;

import io.github.rlhf4j.core.Printable;
import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Everything in front of a file's numbers, checked before anything of it is used. */
final class GgufHeader {
    static final int MAGIC = 0x46554747; // "GGUF"
    static final String ALIGNMENT = "general.alignment";
    static final int DEFAULT_ALIGNMENT = 32;
    private static final int MOST_DIMENSIONS = 4;
    private static final int MOST_ELEMENTS = 1 << 24; // of a list in the metadata
    private static final int LONGEST_KEY = 65_535;
    private static final int LONGEST_NAME = 255;
    private static final int LONGEST_TEXT = 1 << 26;
    private static final List<String> UNREAD = List.of(
            "F32", "F16", "Q4_0", "Q4_1", "Q4_2", "Q4_3", "Q5_0", "Q5_1", "Q8_0", "Q8_1", "Q2_K", "Q3_K", "Q4_K",
            "Q5_K", "Q6_K", "Q8_K", "IQ2_XXS", "IQ2_XS", "IQ3_XXS", "IQ1_S", "IQ4_NL", "IQ3_S", "IQ2_S", "IQ4_XS", "I8",
            "I16", "I32", "I64", "F64", "IQ1_M", "BF16", "31", "32", "33", "TQ1_0", "TQ2_0", "36", "37", "38", "MXFP4",
            "NVFP4");

    private final Path path;
    private final HeaderBytes in;
    private final GgufMetadata metadata;
    private final Map<String, GgufTensor> tensors = new LinkedHashMap<>();

    private GgufHeader(Path path, FileChannel channel) throws IOException {
        this.path = path;
        this.in = new HeaderBytes(path, channel);
        this.metadata = new GgufMetadata(path.toString());
        read(channel.size());
    }

    static GgufHeader read(Path path, FileChannel channel) throws IOException {
        return new GgufHeader(path, channel);
    }

    /** How long it is. */
    long bytes() {
        return in.position();
    }

    GgufMetadata metadata() {
        return metadata;
    }

    Map<String, GgufTensor> tensors() {
        return tensors;
    }

    private void read(long size) throws IOException {
        if (size < 24 || in.int32() != MAGIC) {
            throw new UserError(path + " is no GGUF file: it does not begin with GGUF");
        }
        int version = in.int32();
        if (Integer.reverseBytes(version) > 0 && Integer.reverseBytes(version) < 16) {
            throw new UserError(path + " is a big-endian GGUF file, which is not read: convert it on this machine");
        }
        if (version != 2 && version != 3) {
            throw new UserError(path + " is of version " + version + " of GGUF, but must be of version 2 or 3");
        }
        long tensorCount = in.count(24, "tensors");
        long valueCount = in.count(12, "values");
        for (long i = 0; i < valueCount; i++) {
            readValue();
        }
        int alignment = metadata.integerIfThere(ALIGNMENT, 1, 1 << 20).orElse(DEFAULT_ALIGNMENT);
        if (Integer.bitCount(alignment) != 1) {
            throw new UserError(path + ": " + ALIGNMENT + " is " + alignment + ", but must be a power of 2");
        }
        List<GgufTensor> found = new ArrayList<>();
        for (long i = 0; i < tensorCount; i++) {
            found.add(readTensor(alignment));
        }
        long start = aligned(in.position(), alignment);
        for (GgufTensor relative : found) {
            add(new GgufTensor(relative.name(), relative.type(), relative.dimensions(), place(relative, start)), size);
        }
        refuseOverlaps();
    }

    static long aligned(long position, int alignment) {
        return (position + alignment - 1) / alignment * alignment;
    }

    private void readValue() throws IOException {
        String key = in.text(LONGEST_KEY, "a key");
        GgufKind kind = kind(key, in.int32());
        GgufMetadata.Value value =
                kind == GgufKind.ARRAY ? readList(key) : new GgufMetadata.Value(kind, false, readScalar(key, kind));
        if (metadata.has(key)) {
            throw new UserError(path + " is damaged: it has " + Printable.line(key) + " twice");
        }
        metadata.put(key, value);
    }

    private GgufKind kind(String key, int id) {
        return GgufKind.of(id)
                .orElseThrow(() -> new UserError(
                        path + " is damaged: " + Printable.line(key) + " is of kind " + id + ", which does not exist"));
    }

    private Object readScalar(String key, GgufKind kind) throws IOException {
        return switch (kind) {
            case STRING -> in.text(LONGEST_TEXT, Printable.line(key));
            case BOOL -> in.int8() != 0;
            case FLOAT32 -> (double) Float.intBitsToFloat(in.int32());
            case FLOAT64 -> Double.longBitsToDouble(in.int64());
            case UINT8 -> in.int8() & 0xFFL;
            case INT8 -> (long) in.int8();
            case UINT16 -> in.int16() & 0xFFFFL;
            case INT16 -> (long) in.int16();
            case UINT32 -> in.int32() & 0xFFFFFFFFL;
            case INT32 -> (long) in.int32();
            case UINT64, INT64 -> in.int64();
            case ARRAY -> throw new UserError(path + ": " + Printable.line(key) + " is a list of lists");
        };
    }

    private GgufMetadata.Value readList(String key) throws IOException {
        GgufKind kind = kind(key, in.int32());
        long count = in.count(kind.leastBytes(), "values in " + Printable.line(key));
        if (count > MOST_ELEMENTS) {
            throw new UserError(path + ": " + Printable.line(key) + " has " + count + " values, but may have "
                    + MOST_ELEMENTS + " at most");
        }
        if (kind == GgufKind.STRING) {
            List<String> texts = new ArrayList<>();
            for (long i = 0; i < count; i++) {
                texts.add(in.text(LONGEST_TEXT, Printable.line(key)));
            }
            return new GgufMetadata.Value(kind, true, List.copyOf(texts));
        }
        double[] numbers = new double[(int) count];
        for (int i = 0; i < count; i++) {
            Object value = readScalar(key, kind);
            numbers[i] = value instanceof Boolean flag ? (flag ? 1 : 0) : ((Number) value).doubleValue();
        }
        return new GgufMetadata.Value(kind, true, numbers);
    }

    /** With its position counted from the first number on. */
    private GgufTensor readTensor(int alignment) throws IOException {
        String name = in.text(LONGEST_NAME, "a tensor's name");
        int dimensions = in.int32();
        if (dimensions < 1 || dimensions > MOST_DIMENSIONS) {
            throw damaged(name, "has " + dimensions + " dimensions, but may have 1 to " + MOST_DIMENSIONS);
        }
        Long[] sizes = new Long[dimensions];
        for (int i = 0; i < dimensions; i++) {
            sizes[i] = in.int64();
        }
        if (Arrays.stream(sizes).anyMatch(size -> size < 1)) {
            throw damaged(name, "has a dimension that is not > 0: " + Arrays.toString(sizes));
        }
        GgufType type = type(name, in.int32());
        long position = in.int64();
        if (position < 0 || position % alignment != 0) {
            throw damaged(name, "begins at " + position + ", which is no multiple of the alignment, " + alignment);
        }
        if (!type.fits(sizes[0])) {
            throw damaged(
                    name,
                    "is of type " + type + ", whose rows are multiples of " + type.blockElements()
                            + ", but has rows of " + sizes[0]);
        }
        return new GgufTensor(name, type, List.of(sizes), position);
    }

    private GgufType type(String name, int id) {
        return GgufType.of(id)
                .orElseThrow(() -> new UserError(path + ": " + Printable.line(name) + " is of type "
                        + (id >= 0 && id < UNREAD.size() ? UNREAD.get(id) : id)
                        + ", which is not read: it must be one of "
                        + Arrays.toString(GgufType.values())));
    }

    private long place(GgufTensor tensor, long start) {
        try {
            tensor.bytes();
            return Math.addExact(start, tensor.position());
        } catch (ArithmeticException e) {
            throw new UserError(
                    path + " is damaged: " + Printable.line(tensor.name()) + " has more numbers than can be", e);
        }
    }

    private void add(GgufTensor tensor, long size) {
        if (tensor.position() > size || tensor.bytes() > size - tensor.position()) {
            throw new UserError(path + " is cut off: " + Printable.line(tensor.name()) + " ends beyond its " + size
                    + " bytes; fetch it again");
        }
        if (tensors.put(tensor.name(), tensor) != null) {
            throw damaged(tensor.name(), "is there twice");
        }
    }

    private void refuseOverlaps() {
        List<GgufTensor> sorted = tensors.values().stream()
                .sorted(Comparator.comparing(GgufTensor::position))
                .toList();
        for (int i = 1; i < sorted.size(); i++) {
            if (sorted.get(i).position() < sorted.get(i - 1).end()) {
                throw damaged(
                        sorted.get(i).name(),
                        "lies in " + Printable.line(sorted.get(i - 1).name()));
            }
        }
    }

    private UserError damaged(String tensor, String what) {
        return new UserError(path + " is damaged: " + Printable.line(tensor) + " " + what);
    }
}
