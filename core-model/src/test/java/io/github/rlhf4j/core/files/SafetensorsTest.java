package io.github.rlhf4j.core.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
    @TempDir
    private Path directory;

    @Test
    void whatIsWrittenIsReadBack() {
        float[] numbers = random(700_000); // more than one piece
        FloatBuffer rows = FloatBuffer.wrap(numbers);
        TensorData inRows = sink -> {
            for (int row = 0; row < 700; row++) {
                sink.accept(rows.slice(1000 * row, 1000));
            }
        };
        new SafetensorsWriter(FloatType.F32)
                .writeModel(
                        directory,
                        List.of(
                                TensorEntry.of("b", inRows, 700, 1000),
                                TensorEntry.of("a", FloatBuffer.wrap(new float[] {1.5f}), 1),
                                TensorEntry.of("scalar", FloatBuffer.wrap(new float[] {-2})),
                                TensorEntry.of("empty", FloatBuffer.allocate(0), 0, 3)),
                        Long.MAX_VALUE);
        try (SafetensorsReader reader = SafetensorsReader.open(directory)) {
            assertThat(reader.names()).containsExactlyInAnyOrder("b", "a", "scalar", "empty");
            assertThat(reader.names().subList(0, 2)).containsExactly("b", "a");
            assertThat(reader.shape("b")).containsExactly(700, 1000);
            assertThat(reader.shape("scalar")).isEmpty();
            assertThat(reader.elements("empty")).isZero();
            assertThat(reader.dtype("b")).isEqualTo("F32");
            assertThat(reader.metadata()).containsEntry("format", "pt");
            assertThat(read(reader, "b")).containsExactly(numbers);
            float[] piece = new float[3];
            reader.read("b", 123_456, FloatBuffer.wrap(piece));
            assertThat(piece).containsExactly(numbers[123_456], numbers[123_457], numbers[123_458]);
            assertThatThrownBy(() -> reader.read("a", FloatBuffer.allocate(2)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> reader.shape("c"))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("no tensor c");
        }
    }

    @Test
    void bfloat16RoundsToNearestEven() {
        float[] numbers = {1f, 1f + 0x1p-8f, 1f + 0x3p-8f, -0f, Float.NaN, Float.POSITIVE_INFINITY, Float.MAX_VALUE};
        new SafetensorsWriter(FloatType.BF16)
                .writeFile(
                        directory.resolve("x.safetensors"), List.of(TensorEntry.of("x", FloatBuffer.wrap(numbers), 7)));
        try (SafetensorsReader reader = SafetensorsReader.open(directory.resolve("x.safetensors"))) {
            assertThat(read(reader, "x"))
                    .containsExactly(
                            1f, // exact
                            1f, // half way: to the even one below
                            1f + 0x1p-6f, // half way: to the even one above
                            -0f,
                            Float.NaN,
                            Float.POSITIVE_INFINITY,
                            Float.POSITIVE_INFINITY); // nearest is beyond the largest
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0x3C00, 1", "0xC000, -2", "0x7BFF, 65504", "0x0400, 6.103515625E-5", "0x0001, 5.9604644775390625E-8",
        "0x03FF, 6.097555160522461E-5", "0x8000, -0.0", "0x7C00, Infinity", "0xFC00, -Infinity",
                "0x3555, 0.333251953125"
    })
    void float16IsExact(String bits, float expected) throws IOException {
        ByteBuffer data = ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN).putShort((short)
                Integer.decode(bits).intValue());
        Path file = raw("{\"x\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[0,2]}}", data.array());
        try (SafetensorsReader reader = SafetensorsReader.open(file)) {
            assertThat(read(reader, "x")).containsExactly(expected);
        }
    }

    @Test
    void shardsReadAsOne() throws IOException {
        List<TensorEntry> tensors = Stream.of("c", "a", "b")
                .map(name -> TensorEntry.of(name, FloatBuffer.wrap(random(10)), 10))
                .toList();
        new SafetensorsWriter(FloatType.F32).writeModel(directory, tensors, 80);
        assertThat(directory.resolve("model-00001-of-00002.safetensors")).exists();
        assertThat(directory.resolve("model.safetensors")).doesNotExist();
        try (SafetensorsReader reader = SafetensorsReader.open(directory)) {
            assertThat(reader.names()).containsExactly("c", "a", "b");
            assertThat(read(reader, "b")).containsExactly(random(10));
        }
        Path index = directory.resolve("model.safetensors.index.json");
        Files.writeString(index, Files.readString(index).replace("\"a\"", "\"z\""));
        assertOpenFails(directory, "tensor z is in model-00001-of-00002.safetensors");
        Files.writeString(index, "{\"weight_map\": {\"a\": \"../elsewhere.safetensors\"}}");
        assertOpenFails(directory, "must be a file beside it");
        Files.writeString(index, "{\"weight_map\": {\"a\": \"gone.safetensors\"}}");
        assertOpenFails(directory, "gone.safetensors is missing");
    }

    @Test
    void theSameTensorsGiveTheSameBytes() throws IOException {
        for (String name : List.of("1", "2")) {
            new SafetensorsWriter(FloatType.F32)
                    .writeFile(
                            directory.resolve(name), List.of(TensorEntry.of("x", FloatBuffer.wrap(random(9)), 3, 3)));
        }
        assertThat(Files.readAllBytes(directory.resolve("1"))).isEqualTo(Files.readAllBytes(directory.resolve("2")));
    }

    @Test
    void dataThatDoesNotFitItsShapeIsNotWritten() {
        assertThatThrownBy(() -> TensorEntry.of("x", FloatBuffer.allocate(5), 2, 3))
                .isInstanceOf(IllegalArgumentException.class);
        TensorEntry tooLittle = TensorEntry.of("x", sink -> sink.accept(FloatBuffer.allocate(5)), 2, 3);
        Path file = directory.resolve("x.safetensors");
        assertThatThrownBy(() -> new SafetensorsWriter(FloatType.F32).writeFile(file, List.of(tooLittle)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("x has 6 elements, but 5");
        assertThat(directory).isEmptyDirectory();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}                                                            | leaves a hole of 4
            {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}                                                            | tensors end at
            {"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}                                                           | cut off
            {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}                                                            | do not fit
            {"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}                                                            | do not fit
            {"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}                                                           | whole numbers
            {"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}                                        | larger than any file
            {"a":{"dtype":"F99","shape":[2],"data_offsets":[0,8]}}                                                            | F99
            {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}       | Duplicate
            {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}       | overlaps
            {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} x                                                          | not valid JSON
            [1]                                                                                                               | not a JSON object
            """)
    void malformedHeadersAreRefused(String header, String message) throws IOException {
        assertOpenFails(raw(header, new byte[8]), message);
    }

    @Test
    void filesThatAreNotSafetensorsAreRefused() throws IOException {
        Path file = directory.resolve("x.safetensors");
        Files.write(file, new byte[3]);
        assertOpenFails(file, "too short");
        Files.writeString(file, "version https://git-lfs.github.com/spec/v1");
        assertOpenFails(file, "not a safetensors file");
        assertOpenFails(directory.resolve("none"), "does not exist");
    }

    @Test
    void integersAndQuantisedNumbersAreListedButNotRead() throws IOException {
        Path file = raw("{\"a\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}}", new byte[8]);
        try (SafetensorsReader reader = SafetensorsReader.open(file)) {
            assertThat(reader.dtype("a")).isEqualTo("I64");
            assertThatThrownBy(() -> reader.read("a", FloatBuffer.allocate(1)))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("I64");
        }
    }

    @ParameterizedTest
    @CsvSource({"pytorch_model.bin, pickle", "model.gguf, GGUF", "tf_model.h5, another framework", "readme.md, neither"
    })
    void aDirectoryWithoutSafetensorsIsExplained(String name, String message) throws IOException {
        Files.writeString(directory.resolve(name), "x");
        assertOpenFails(directory, message);
    }

    private static void assertOpenFails(Path path, String message) {
        assertThatThrownBy(() -> SafetensorsReader.open(path))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(path.getFileName().toString())
                .hasMessageContaining(message);
    }

    private Path raw(String header, byte[] data) throws IOException {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + text.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(text.length).put(text).put(data);
        return Files.write(directory.resolve("raw.safetensors"), bytes.array());
    }

    private static float[] read(SafetensorsReader reader, String name) {
        FloatBuffer out = FloatBuffer.allocate((int) reader.elements(name));
        reader.read(name, out);
        return out.array();
    }

    private static float[] random(int count) {
        Random random = new Random(count);
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = random.nextFloat();
        }
        return numbers;
    }
}
