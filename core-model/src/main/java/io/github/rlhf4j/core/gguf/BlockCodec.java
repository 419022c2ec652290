package io.github.rlhf4j.core.gguf;

import java.nio.ByteBuffer;

/** How the numbers of one type are stored: blocks of so many numbers in so many bytes. Buffers are little-endian. */
interface BlockCodec {
    /**
     * Reads blocks.
     *
     * @param in read from its position on, which moves
     * @param out filled from 0 on with {@code blocks} times the numbers of a block
     */
    void decode(ByteBuffer in, int blocks, float[] out);

    /**
     * Writes blocks, as ggml's reference implementation rounds.
     *
     * @param in as many numbers as {@code blocks} hold, all finite
     * @param out written from its position on, which moves
     * @throws UnsupportedOperationException by types that are read alone: Q4_1 and Q5_1
     */
    void encode(float[] in, int blocks, ByteBuffer out);
}
