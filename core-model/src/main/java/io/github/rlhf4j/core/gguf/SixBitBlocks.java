package io.github.rlhf4j.core.gguf;

import io.github.rlhf4j.core.math.HalfFloats;
import java.nio.ByteBuffer;

/** Q6_K: 256 numbers of 6 bits in 16 groups, each with a scale of a byte, which are multiples of a half. */
final class SixBitBlocks implements BlockCodec {
    private static final int SIZE = 256;
    private static final int GROUPS = 16;
    private static final int GROUP = 16;
    private static final int MIDDLE = 32;
    private static final float ALL_ZERO = 1e-15f;

    private final ScaleSearch search = new ScaleSearch(MIDDLE, 0, 18);
    private final int[] numbers = new int[SIZE]; // plus MIDDLE
    private final float[] block = new float[SIZE];
    private final float[] scales = new float[GROUPS];
    private final byte[] low = new byte[SIZE / 2];
    private final byte[] high = new byte[SIZE / 4];
    private final byte[] packed = new byte[GROUPS];

    @Override
    public void decode(ByteBuffer in, int blocks, float[] out) {
        for (int i = 0; i < blocks; i++) {
            in.get(low).get(high).get(packed);
            float scale = HalfFloats.fromFloat16(in.getShort());
            for (int j = 0; j < SIZE; j++) {
                int half = j / 128;
                int quarter = j / 32 % 4;
                int column = j % 32;
                int bits = low[64 * half + 32 * (quarter % 2) + column] >>> 4 * (quarter / 2) & 0xF;
                int number = bits | (high[32 * half + column] >>> 2 * quarter & 3) << 4;
                out[i * SIZE + j] = scale * packed[j / GROUP] * (number - MIDDLE);
            }
        }
    }

    @Override
    public void encode(float[] in, int blocks, ByteBuffer out) {
        for (int i = 0; i < blocks; i++) {
            System.arraycopy(in, i * SIZE, block, 0, SIZE);
            encode(out);
        }
    }

    private void encode(ByteBuffer out) {
        float extreme = 0;
        for (int group = 0; group < GROUPS; group++) {
            scales[group] = search.symmetric(block, group * GROUP, GROUP, numbers);
            if (Math.abs(scales[group]) > Math.abs(extreme)) {
                extreme = scales[group];
            }
        }
        if (Math.abs(extreme) < ALL_ZERO) {
            out.put(new byte[GgufType.Q6_K.blockBytes()]);
            return;
        }
        float inverse = -128 / extreme;
        short scale = HalfFloats.toFloat16(1 / inverse);
        for (int group = 0; group < GROUPS; group++) {
            packed[group] = (byte) Math.min(127, Nearest.even(inverse * scales[group]));
            round(group, HalfFloats.fromFloat16(scale) * packed[group]);
        }
        pack();
        out.put(low).put(high).put(packed).putShort(scale);
    }

    /** The numbers once more, by the scale as it is stored. */
    private void round(int group, float by) {
        if (by == 0) {
            return;
        }
        for (int j = group * GROUP; j < (group + 1) * GROUP; j++) {
            numbers[j] = MIDDLE + Nearest.even(block[j] / by, -MIDDLE, MIDDLE - 1);
        }
    }

    private void pack() {
        for (int half = 0; half < 2; half++) {
            for (int column = 0; column < 32; column++) {
                int at = 128 * half + column;
                low[64 * half + column] = (byte) ((numbers[at] & 0xF) | (numbers[at + 64] & 0xF) << 4);
                low[64 * half + 32 + column] = (byte) ((numbers[at + 32] & 0xF) | (numbers[at + 96] & 0xF) << 4);
                high[32 * half + column] = (byte) (numbers[at] >>> 4
                        | (numbers[at + 32] >>> 4) << 2
                        | (numbers[at + 64] >>> 4) << 4
                        | (numbers[at + 96] >>> 4) << 6);
            }
        }
    }
}
