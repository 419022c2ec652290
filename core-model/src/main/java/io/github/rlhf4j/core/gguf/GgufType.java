package io.github.rlhf4j.core.gguf;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;

/** The types of tensors that are read and, all but Q4_1 and Q5_1, written, with their numbers in files ({@code ggml_type}). */
public enum GgufType {
    F32(0, 1, 4, FloatBlocks::float32),
    F16(1, 1, 2, FloatBlocks::float16),
    Q4_0(2, 32, 18, () -> new SymmetricBlocks(4)),
    Q4_1(3, 32, 20, () -> new ShiftedBlocks(4)),
    Q5_0(6, 32, 22, () -> new SymmetricBlocks(5)),
    Q5_1(7, 32, 24, () -> new ShiftedBlocks(5)),
    Q8_0(8, 32, 34, ByteBlocks::new),
    Q4_K(12, 256, 144, () -> new SuperBlocks(4)),
    Q5_K(13, 256, 176, () -> new SuperBlocks(5)),
    Q6_K(14, 256, 210, SixBitBlocks::new),
    BF16(30, 1, 2, FloatBlocks::bfloat16);

    private final int id;
    private final int blockElements;
    private final int blockBytes;
    private final Supplier<BlockCodec> codec;

    GgufType(int id, int blockElements, int blockBytes, Supplier<BlockCodec> codec) {
        this.id = id;
        this.blockElements = blockElements;
        this.blockBytes = blockBytes;
        this.codec = codec;
    }

    /** Its number in files. */
    public int id() {
        return id;
    }

    /** Numbers in a block: rows of tensors hold whole blocks. */
    public int blockElements() {
        return blockElements;
    }

    /** Bytes of a block. */
    public int blockBytes() {
        return blockBytes;
    }

    /** Bytes of so many numbers, which must be whole blocks. */
    public long bytes(long elements) {
        return Math.multiplyExact(elements / blockElements, (long) blockBytes);
    }

    /** Whether numbers are rounded to steps of their block's own size. */
    public boolean isQuantised() {
        return blockElements > 1;
    }

    /** Whether a row of so many numbers is whole blocks. */
    public boolean fits(long columns) {
        return columns % blockElements == 0;
    }

    /** A new one: it has buffers of its own. */
    BlockCodec codec() {
        return codec.get();
    }

    /** The type of a number; empty where it is none of these. */
    static Optional<GgufType> of(int id) {
        return Arrays.stream(values()).filter(type -> type.id == id).findFirst();
    }
}
