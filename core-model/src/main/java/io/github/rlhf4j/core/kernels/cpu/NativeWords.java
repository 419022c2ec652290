package io.github.rlhf4j.core.kernels.cpu;

import java.nio.IntBuffer;

/** Words in a {@link NativeBlock}, as many as the most that were asked for and some more. */
final class NativeWords implements AutoCloseable {
    private final NativeBlock block = new NativeBlock();
    private IntBuffer words = IntBuffer.allocate(0);

    /** Makes room for at least so many. */
    IntBuffer fit(long size) {
        if (block.fit(Integer.BYTES * size, Integer.BYTES * (size + size / 4))) {
            words = block.view().asIntBuffer();
        }
        return words;
    }

    IntBuffer words() {
        return words;
    }

    long address(long word) {
        return block.address() + Integer.BYTES * word;
    }

    /** Gives the memory back; {@link #fit} takes new. */
    @Override
    public void close() {
        block.close();
    }
}
