package io.github.rlhf4j.core.gguf;

import io.github.rlhf4j.core.math.HalfFloats;
import java.nio.ByteBuffer;

/** Q8_0: 32 numbers as a scale, a half, and a byte each. */
final class ByteBlocks implements BlockCodec {
    private static final int SIZE = 32;

    @Override
    public void decode(ByteBuffer in, int blocks, float[] out) {
        for (int block = 0; block < blocks; block++) {
            float scale = HalfFloats.fromFloat16(in.getShort());
            for (int i = 0; i < SIZE; i++) {
                out[block * SIZE + i] = in.get() * scale;
            }
        }
    }

    @Override
    public void encode(float[] in, int blocks, ByteBuffer out) {
        for (int block = 0; block < blocks; block++) {
            float largest = 0;
            for (int i = 0; i < SIZE; i++) {
                largest = Math.max(largest, Math.abs(in[block * SIZE + i]));
            }
            float scale = largest / 127;
            float inverse = scale != 0 ? 1 / scale : 0;
            out.putShort(HalfFloats.toFloat16(scale));
            for (int i = 0; i < SIZE; i++) {
                out.put((byte) Nearest.awayFromZero(in[block * SIZE + i] * inverse));
            }
        }
    }
}
