package io.github.rlhf4j.core.gguf;

import io.github.rlhf4j.core.math.HalfFloats;
import java.nio.ByteBuffer;

/** Q4_0 and Q5_0: 32 numbers as a scale, a half, and 4 or 5 bits each; the number of largest magnitude is met. */
final class SymmetricBlocks implements BlockCodec {
    private static final int HALF = NibbleBlock.SIZE / 2;

    private final NibbleBlock bits;
    private final int middle;

    SymmetricBlocks(int bits) {
        this.bits = new NibbleBlock(bits);
        this.middle = 1 << (bits - 1);
    }

    @Override
    public void decode(ByteBuffer in, int blocks, float[] out) {
        for (int block = 0; block < blocks; block++) {
            float scale = HalfFloats.fromFloat16(in.getShort());
            bits.read(in);
            for (int i = 0; i < NibbleBlock.SIZE; i++) {
                out[block * NibbleBlock.SIZE + i] = (bits.get(i) - middle) * scale;
            }
        }
    }

    @Override
    public void encode(float[] in, int blocks, ByteBuffer out) {
        for (int block = 0; block < blocks; block++) {
            int from = block * NibbleBlock.SIZE;
            float scale = extreme(in, from) / -middle;
            float inverse = scale != 0 ? 1 / scale : 0;
            out.putShort(HalfFloats.toFloat16(scale));
            for (int i = 0; i < NibbleBlock.SIZE; i++) {
                byte number = (byte) (in[from + i] * inverse + (middle + 0.5f));
                bits.set(i, Math.min(2 * middle - 1, number & 0xFF));
            }
            bits.write(out);
        }
    }

    /** The number of largest magnitude, with its sign; the first of several. */
    private static float extreme(float[] in, int from) {
        float extreme = 0;
        for (int i = from; i < from + 2 * HALF; i++) {
            if (Math.abs(extreme) < Math.abs(in[i])) {
                extreme = in[i];
            }
        }
        return extreme;
    }
}
