package io.github.rlhf4j.core.gguf;

import io.github.rlhf4j.core.math.HalfFloats;
import java.nio.ByteBuffer;

/** Q4_1 and Q5_1, which are read alone: 32 numbers as a scale and a shift, halves, and 4 or 5 bits each. */
final class ShiftedBlocks implements BlockCodec {
    private final NibbleBlock bits;

    ShiftedBlocks(int bits) {
        this.bits = new NibbleBlock(bits);
    }

    @Override
    public void decode(ByteBuffer in, int blocks, float[] out) {
        for (int block = 0; block < blocks; block++) {
            float scale = HalfFloats.fromFloat16(in.getShort());
            float shift = HalfFloats.fromFloat16(in.getShort());
            bits.read(in);
            for (int i = 0; i < NibbleBlock.SIZE; i++) {
                out[block * NibbleBlock.SIZE + i] = bits.get(i) * scale + shift;
            }
        }
    }

    @Override
    public void encode(float[] in, int blocks, ByteBuffer out) {
        throw new UnsupportedOperationException("not written");
    }
}
