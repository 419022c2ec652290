package io.github.rlhf4j.core.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufFileTest {
    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void write() throws IOException {
        file = directory.resolve("x.gguf");
        write(file, metadata(), List.of(tensor("a", GgufType.F32, 3, 5), tensor("b", GgufType.Q8_0, 4, 64)));
    }

    private static GgufMetadata metadata() {
        GgufMetadata metadata = new GgufMetadata();
        metadata.putText("general.architecture", "llama");
        metadata.putInt("count", 4_000_000_000L);
        metadata.putFloat("epsilon", 1e-5);
        metadata.putFlag("flag", true);
        metadata.putTexts("texts", List.of("", "\u2581", "z\ud83d\ude80"));
        metadata.putInts("ints", new double[] {1, -2});
        metadata.putFloats("floats", new double[] {0.5, -1000});
        return metadata;
    }

    private static void write(Path file, GgufMetadata metadata, List<GgufWriter.Tensor> tensors) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            GgufWriter.write(channel, metadata, tensors);
        }
    }

    /** Whole numbers from -8 on, which Q8_0 changes by their scale. */
    private static GgufWriter.Tensor tensor(String name, GgufType type, long... shape) {
        float[] numbers = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = i % 97 - 8;
        }
        return new GgufWriter.Tensor(name, type, shape, sink -> {
            sink.accept(FloatBuffer.wrap(numbers, 0, 1)); // pieces of any size
            sink.accept(FloatBuffer.wrap(numbers, 1, numbers.length - 1));
        });
    }

    @Test
    void whatIsWrittenIsRead() {
        try (GgufFile open = GgufFile.open(file)) {
            GgufMetadata read = open.metadata();
            assertThat(read.text("general.architecture")).isEqualTo("llama");
            assertThat(read.number("count")).isEqualTo(4e9);
            assertThat(read.number("epsilon")).isEqualTo(1e-5); // of single precision, as its shortest decimal
            assertThat(read.flagIfThere("flag")).contains(true);
            assertThat(read.textsIfThere("texts")).contains(List.of("", "\u2581", "z\ud83d\ude80"));
            assertThat(read.numbersIfThere("ints").orElseThrow()).containsExactly(1, -2);
            assertThat(read.numbersIfThere("floats").orElseThrow()).containsExactly(0.5, -1000);
            assertThat(open.names()).containsExactly("a", "b");
            assertThat(open.shape("a")).containsExactly(3, 5);
            float[] numbers = new float[15];
            open.read("a", 0, FloatBuffer.wrap(numbers));
            assertThat(numbers).startsWith(-8, -7, -6).endsWith(6);
        }
    }

    @Test
    void aPieceOfABlockIsThatPartOfTheWhole() {
        try (GgufFile open = GgufFile.open(file)) {
            float[] whole = new float[256];
            open.read("b", 0, FloatBuffer.wrap(whole));
            assertThat(whole[10]).isBetween(1.5f, 2.5f);
            float[] piece = new float[50];
            open.read("b", 45, FloatBuffer.wrap(piece));
            assertThat(piece).containsExactly(Arrays.copyOfRange(whole, 45, 95));
        }
    }

    @Test
    void tensorsBeginAtMultiplesOfTheAlignment() throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        assertThat(bytes.length % 32).isZero();
        try (GgufFile open = GgufFile.open(file)) {
            // 15 floats and their padding are 64 bytes, 256 numbers as Q8_0 are 272 and their padding 288.
            assertThat(bytes.length).isEqualTo((int) GgufHeader.aligned(open.headerBytes(), 32) + 64 + 288);
        }
    }

    @Test
    void aValueOfAnotherKindIsNamed() {
        try (GgufFile open = GgufFile.open(file)) {
            assertThatThrownBy(() -> open.metadata().integer("epsilon", 1, 5))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("epsilon is ")
                    .hasMessageContaining("a whole number in [1, 5]");
            assertThatThrownBy(() -> open.metadata().text("none")).hasMessageContaining("has no none");
            assertThatThrownBy(() -> open.metadata().text("ints")).hasMessageContaining("ints is a list");
        }
    }

    @Test
    void whatIsNoGgufFileIsSaidSo() throws IOException {
        refused(new byte[] {1, 2, 3}, "is no GGUF file");
        refused("PK..............................".getBytes(StandardCharsets.UTF_8), "is no GGUF file");
        assertThatThrownBy(() -> GgufFile.open(directory.resolve("none.gguf"))).hasMessageContaining("does not exist");
        byte[] bytes = Files.readAllBytes(file);
        refused(with(bytes, 4, 1), "version 1");
        refused(with(bytes, 4, Integer.reverseBytes(3)), "big-endian");
        refused(Arrays.copyOf(bytes, bytes.length - 100), "cut off");
        refused(Arrays.copyOf(bytes, 60), "cut off");
    }

    @Test
    void numbersThatCannotBeAreRefusedBeforeMemoryIsTaken() throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        refused(withLong(bytes, 8, Long.MAX_VALUE), "tensors follow");
        refused(withLong(bytes, 8, -1), "tensors follow");
        refused(withLong(bytes, 16, 1L << 40), "values follow");
        refused(withLong(bytes, 24, 1L << 60), "bytes of a key");
        int b = find(bytes, "b") + 1; // dimensions, sizes, type, offset
        refused(with(bytes, b, 0), "b has 0 dimensions");
        refused(with(bytes, b, 9), "b has 9 dimensions");
        refused(withLong(bytes, b + 4, 0), "not > 0");
        refused(withLong(bytes, b + 4, 63), "rows are multiples of 32");
        refused(withLong(bytes, b + 4, 1L << 62), "b");
        refused(with(bytes, b + 20, 4), "is of type Q4_2, which is not read");
        refused(with(bytes, b + 20, -7), "is of type -7");
        refused(withLong(bytes, b + 24, 33), "no multiple of the alignment");
        refused(withLong(bytes, b + 24, 1L << 50), "cut off");
        refused(withLong(bytes, b + 24, 32), "lies in a");
    }

    @Test
    void aNameTwiceIsRefused() throws IOException {
        write(file, metadata(), List.of(tensor("a", GgufType.F32, 8), tensor("a", GgufType.F32, 8)));
        assertThatThrownBy(() -> GgufFile.open(file)).hasMessageContaining("a is there twice");
    }

    /** Whatever a byte is changed to: the file is read, or refused in one line. */
    @Test
    void noChangedByteDoesAnythingElse() throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        Path changed = directory.resolve("changed.gguf");
        int header;
        try (GgufFile open = GgufFile.open(file)) {
            header = (int) open.headerBytes();
        }
        for (int at = 0; at < header; at++) {
            byte[] copy = bytes.clone();
            copy[at] = (byte) (copy[at] ^ 1 << at % 8);
            copy[(at * 31 + 7) % header] ^= (byte) (at % 3 == 0 ? 0x80 : 0);
            Files.write(changed, copy);
            assertThatCode(() -> {
                        try (GgufFile open = GgufFile.open(changed)) {
                            for (String name : open.names()) {
                                long elements = Arrays.stream(open.shape(name)).reduce(1, (a, b) -> a * b);
                                open.read(name, 0, FloatBuffer.allocate((int) elements));
                            }
                        } catch (UserError e) {
                            assertThat(e.getMessage()).doesNotContain("\n");
                        }
                    })
                    .as("byte %d", at)
                    .doesNotThrowAnyException();
        }
    }

    private void refused(byte[] bytes, String message) throws IOException {
        Path changed = directory.resolve("changed.gguf");
        Files.write(changed, bytes);
        assertThatThrownBy(() -> GgufFile.open(changed))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(message);
    }

    private static byte[] with(byte[] bytes, int at, int value) {
        byte[] copy = bytes.clone();
        ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).putInt(at, value);
        return copy;
    }

    private static byte[] withLong(byte[] bytes, int at, long value) {
        byte[] copy = bytes.clone();
        ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).putLong(at, value);
        return copy;
    }

    /** Where a tensor's name of one letter is: after its length. */
    private static int find(byte[] bytes, String name) {
        for (int i = bytes.length - 9; i > 0; i--) {
            if (bytes[i + 8] == name.charAt(0)
                    && bytes[i] == 1
                    && bytes[i + 1] == 0
                    && bytes[i + 7] == 0
                    && bytes[i + 9] == 2) {
                return i + 8;
            }
        }
        throw new AssertionError(name);
    }
}
