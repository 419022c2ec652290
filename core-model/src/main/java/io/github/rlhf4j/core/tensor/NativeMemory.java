package io.github.rlhf4j.core.tensor;

import io.github.rlhf4j.core.LibraryProperties;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Owns native memory: tensors allocated here live until {@link #close}, or, for what came after a {@link #mark}, until {@link #release}.
 *
 * <p>It grows by blocks and keeps them, so that a step which allocates what the step before it allocated touches no allocator: the arena of activations is one
 * of these, released at the start of every micro-batch. Not thread-safe; the tensors are as safe as what is done with them.
 */
public final class NativeMemory implements AutoCloseable {
    private static final int ALIGNMENT = 64;
    /** Bytes that one tensor may have: those of a buffer. */
    public static final long LARGEST_BLOCK = Integer.MAX_VALUE - 4096L;

    static {
        LibraryProperties.set();
    }

    private static volatile LongConsumer beforeBlock = bytes -> {};

    private final long blockBytes;
    private final List<Block> blocks = new ArrayList<>();
    private int current;
    private long used;
    private boolean closed;

    private record Block(BytePointer pointer, ByteBuffer bytes, long address, long capacity) {}

    /** A position to release to. */
    public record Mark(int block, long used) {}

    /** @param blockBytes the size of a block, in bytes; a larger tensor gets a block of its own */
    public NativeMemory(long blockBytes) {
        this.blockBytes = Math.min(Math.max(blockBytes, 1 << 16), LARGEST_BLOCK);
    }

    /** Memory with blocks of 64 MiB. */
    public NativeMemory() {
        this(64L << 20);
    }

    /**
     * A tensor of {@code rows x columns}, 64-byte aligned, contents zero.
     *
     * @throws OutOfMemoryError when the machine or the bound given to the JVM (org.bytedeco.javacpp.maxbytes) has no more
     */
    public Tensor allocate(DataType type, int rows, int columns) {
        Tensor tensor = allocateUninitialized(type, rows, columns);
        tensor.zero();
        return tensor;
    }

    /** As {@link #allocate}, contents undefined. */
    public Tensor allocateUninitialized(DataType type, int rows, int columns) {
        if (closed) {
            throw new IllegalStateException("this native memory is closed");
        }
        long bytes = (long) rows * columns * type.bytes();
        if (bytes > LARGEST_BLOCK) {
            throw new OutOfMemoryError("one tensor of " + rows + " x " + columns + " needs " + bytes
                    + " bytes, more than the 2 GiB of one buffer; use smaller micro-batches (micro_batch_tokens)");
        }
        long padded = padded(bytes);
        Block block = blockFor(padded);
        Tensor tensor = new Tensor(
                this,
                type,
                block.bytes(),
                Math.toIntExact(used / type.bytes()),
                block.address(),
                rows,
                columns,
                columns);
        used += padded;
        return tensor;
    }

    private static long padded(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /** The block that has room for so many bytes at {@link #used}. */
    private Block blockFor(long padded) {
        while (current < blocks.size() && used + padded > blocks.get(current).capacity()) {
            current++;
            used = 0;
        }
        if (current == blocks.size()) {
            blocks.add(newBlock(Math.max(blockBytes, padded)));
            used = 0;
        }
        return blocks.get(current);
    }

    /** Room for so many ints, contents undefined, for as long as this memory lives. */
    IntBuffer allocateInts(int count) {
        return allocateBytes(4L * count).asIntBuffer();
    }

    /** Room for so many floats, contents undefined, for as long as this memory lives. */
    FloatBuffer allocateFloats(int count) {
        return allocateBytes(4L * count).asFloatBuffer();
    }

    private ByteBuffer allocateBytes(long count) {
        if (closed) {
            throw new IllegalStateException("this native memory is closed");
        }
        if (count > LARGEST_BLOCK) {
            throw new OutOfMemoryError("one matrix needs " + count + " bytes, more than the 2 GiB of one buffer");
        }
        long padded = padded(count);
        Block block = blockFor(padded);
        ByteBuffer bytes = block.bytes().duplicate();
        int from = bytes.position() + (int) used; // it begins where the block is aligned
        bytes.position(from).limit(from + (int) count);
        used += padded;
        return bytes.slice().order(ByteOrder.nativeOrder());
    }

    /** The present position. */
    public Mark mark() {
        return new Mark(current, used);
    }

    /** Gives back everything allocated after {@code mark}; those tensors must not be used any more. */
    public void release(Mark mark) {
        current = mark.block();
        used = mark.used();
    }

    /** Native bytes held. */
    public long bytes() {
        return blocks.stream().mapToLong(Block::capacity).sum();
    }

    @Override
    public void close() {
        closed = true;
        blocks.forEach(block -> block.pointer().deallocate());
        blocks.clear();
    }

    /** For tests of what follows when there is no more: is told the bytes of each block before the system is asked for it, and may throw an {@link OutOfMemoryError}. */
    public static void beforeEachBlock(LongConsumer told) {
        beforeBlock = told;
    }

    private static Block newBlock(long capacity) {
        BytePointer pointer;
        try {
            beforeBlock.accept(capacity);
            pointer = new BytePointer(capacity + ALIGNMENT);
        } catch (OutOfMemoryError e) {
            OutOfMemoryError error = new OutOfMemoryError("no native memory for another " + (capacity >> 20) + " MiB ("
                    + (Pointer.physicalBytes() >> 20) + " MiB resident, bound " + (Pointer.maxPhysicalBytes() >> 20)
                    + " MiB); use a smaller micro_batch_tokens or model, or gradient_checkpointing: true");
            error.initCause(e);
            throw error;
        }
        long shift = (ALIGNMENT - pointer.address() % ALIGNMENT) % ALIGNMENT;
        BytePointer aligned = new BytePointer(pointer).position(shift);
        ByteBuffer bytes = aligned.capacity(shift + capacity).asByteBuffer().order(ByteOrder.nativeOrder());
        return new Block(pointer, bytes, pointer.address() + shift, capacity);
    }
}
