package io.github.rlhf4j.core.kernels.cpu;

import java.nio.ByteOrder;
import java.nio.IntBuffer;
import org.bytedeco.javacpp.IntPointer;

/** Words in native memory, as many as the most that were asked for; contents are lost when they grow. */
final class NativeWords implements AutoCloseable {
    private IntPointer memory = new IntPointer();
    private IntBuffer words = IntBuffer.allocate(0);
    private long capacity;

    /** Makes room for at least so many. */
    IntBuffer fit(long size) {
        if (capacity < size) {
            close();
            memory = new IntPointer(size + size / 4);
            words = memory.asByteBuffer().order(ByteOrder.nativeOrder()).asIntBuffer();
            capacity = size + size / 4;
        }
        return words;
    }

    IntBuffer words() {
        return words;
    }

    long address(long word) {
        return memory.address() + 4 * word;
    }

    /** Gives the memory back; {@link #fit} takes new. */
    @Override
    public void close() {
        capacity = 0;
        words = IntBuffer.allocate(0);
        memory.deallocate();
    }
}
