package io.github.rlhf4j.core.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.files.Sha256;
import io.github.rlhf4j.core.math.HalfFloats;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against ggml's reference implementation, bit for bit: tools/golden/gguf_blocks.py. */
class BlockCodecTest {
    private static final int COUNT = 256;

    private record Golden(float[] numbers, byte[] blocks, String read) {}

    @ParameterizedTest
    @EnumSource(names = {"Q8_0", "Q4_0", "Q5_0", "Q4_K", "Q5_K", "Q6_K"})
    void numbersAreRoundedAsGgmlRoundsThem(GgufType type) throws IOException {
        for (Golden golden : golden(type)) {
            ByteBuffer out = buffer(golden.blocks().length);
            type.codec().encode(golden.numbers(), COUNT / type.blockElements(), out);
            assertThat(out.array()).isEqualTo(golden.blocks());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"Q8_0", "Q4_0", "Q5_0", "Q4_1", "Q5_1", "Q4_K", "Q5_K", "Q6_K"})
    void blocksAreReadAsGgmlReadsThem(GgufType type) throws IOException {
        List<Golden> all = golden(type);
        assertThat(all).hasSize(6);
        for (Golden golden : all) {
            float[] numbers = new float[COUNT];
            type.codec()
                    .decode(
                            ByteBuffer.wrap(golden.blocks()).order(ByteOrder.LITTLE_ENDIAN),
                            COUNT / type.blockElements(),
                            numbers);
            ByteBuffer bits = buffer(COUNT * Float.BYTES);
            bits.asFloatBuffer().put(numbers);
            assertThat(new Sha256().add(bits.array()).hex()).isEqualTo(golden.read());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "BF16"})
    void floatsOfATypeStayWhatTheyAre(GgufType type) {
        float[] numbers = {0, -0f, 1, -2.5f, 0x1p-14f, 0x1p-24f, 65504};
        ByteBuffer out = buffer(numbers.length * type.blockBytes());
        type.codec().encode(numbers, numbers.length, out);
        float[] read = new float[numbers.length];
        type.codec().decode(out.flip(), numbers.length, read);
        for (int i = 0; i < numbers.length; i++) {
            float expected =
                    type == GgufType.BF16 ? HalfFloats.fromBfloat16(HalfFloats.toBfloat16(numbers[i])) : numbers[i];
            assertThat(Float.floatToRawIntBits(read[i])).isEqualTo(Float.floatToRawIntBits(expected));
        }
    }

    @Test
    void halvesAreRoundedToTheNearestEvenOne() {
        // All halves stay, and of two neighbours the middle goes to the one whose last bit is 0.
        for (int bits = 0; bits < 0x7C00; bits++) {
            float half = HalfFloats.fromFloat16((short) bits);
            assertThat(HalfFloats.toFloat16(half)).isEqualTo((short) bits);
            if (bits < 0x7BFF) {
                float middle = (half + HalfFloats.fromFloat16((short) (bits + 1))) / 2;
                assertThat(HalfFloats.toFloat16(middle)).isEqualTo((short) (bits + (bits & 1)));
                assertThat(HalfFloats.toFloat16(-middle)).isEqualTo((short) (bits + (bits & 1) | 0x8000));
            }
        }
        assertThat(HalfFloats.toFloat16(65519.99f)).isEqualTo((short) 0x7BFF);
        assertThat(HalfFloats.toFloat16(65520)).isEqualTo((short) 0x7C00);
        assertThat(HalfFloats.toFloat16(Float.NEGATIVE_INFINITY)).isEqualTo((short) 0xFC00);
        assertThat(HalfFloats.fromFloat16(HalfFloats.toFloat16(Float.NaN))).isNaN();
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static List<Golden> golden(GgufType type) throws IOException {
        Map<String, float[]> inputs = new HashMap<>();
        List<Golden> all = new ArrayList<>();
        try (InputStream in = BlockCodecTest.class.getResourceAsStream("blocks.tsv")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                String[] fields = line.split("\t");
                if (fields[0].equals("input")) {
                    float[] numbers = new float[COUNT];
                    ByteBuffer.wrap(HexFormat.of().parseHex(fields[2]))
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .asFloatBuffer()
                            .get(numbers);
                    inputs.put(fields[1], numbers);
                } else if (fields[0].equals(type.name())) {
                    all.add(new Golden(
                            Objects.requireNonNull(inputs.get(fields[1])),
                            HexFormat.of().parseHex(fields[2]),
                            fields[3]));
                }
            }
        }
        return all;
    }
}
