package io.github.rlhf4j.core.gguf;

import io.github.rlhf4j.core.math.HalfFloats;
import java.nio.ByteBuffer;

/** Floating-point numbers, each a block of its own. */
final class FloatBlocks {
    private FloatBlocks() {}

    private interface Read {
        float from(ByteBuffer in);
    }

    private interface Write {
        void to(ByteBuffer out, float value);
    }

    private record Codec(Read read, Write write) implements BlockCodec {
        @Override
        public void decode(ByteBuffer in, int blocks, float[] out) {
            for (int i = 0; i < blocks; i++) {
                out[i] = read.from(in);
            }
        }

        @Override
        public void encode(float[] in, int blocks, ByteBuffer out) {
            for (int i = 0; i < blocks; i++) {
                write.to(out, in[i]);
            }
        }
    }

    /** Whole runs at a time. */
    private static final class Float32 implements BlockCodec {
        @Override
        public void decode(ByteBuffer in, int blocks, float[] out) {
            in.asFloatBuffer().get(out, 0, blocks);
            in.position(in.position() + blocks * Float.BYTES);
        }

        @Override
        public void encode(float[] in, int blocks, ByteBuffer out) {
            out.asFloatBuffer().put(in, 0, blocks);
            out.position(out.position() + blocks * Float.BYTES);
        }
    }

    static BlockCodec float32() {
        return new Float32();
    }

    static BlockCodec float16() {
        return new Codec(
                in -> HalfFloats.fromFloat16(in.getShort()), (out, value) -> out.putShort(HalfFloats.toFloat16(value)));
    }

    static BlockCodec bfloat16() {
        return new Codec(
                in -> HalfFloats.fromBfloat16(in.getShort()),
                (out, value) -> out.putShort(HalfFloats.toBfloat16(value)));
    }
}
