package io.github.rlhf4j.core.kernels.cpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.BytePointer;

/** Native memory that grows; contents are lost when it does. */
final class NativeBlock implements AutoCloseable {
    private BytePointer memory = new BytePointer();
    private long capacity;

    /**
     * Makes room.
     *
     * @param bytes that are needed
     * @param taken bytes that are allocated where there are fewer than needed, >= bytes
     * @return whether the memory is another, so that views of it must be made anew
     */
    boolean fit(long bytes, long taken) {
        if (bytes <= capacity) {
            return false;
        }
        close();
        memory = new BytePointer(taken);
        capacity = taken;
        return true;
    }

    /** A view, in the processor's byte order, of the first 2 GiB at most. */
    ByteBuffer view() {
        return memory.asByteBuffer().order(ByteOrder.nativeOrder());
    }

    long address() {
        return memory.address();
    }

    /** Gives the memory back; {@link #fit} takes new. */
    @Override
    public void close() {
        capacity = 0;
        memory.deallocate();
    }
}
