package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.kernels.KeyWalk;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * What one thread needs to itself: staged rows on the heap, a block of native memory for tiles of scores, and pointer objects that are re-aimed instead of allocated.
 *
 * <p>Staged rows have room to the next whole vector, so loops have no scalar tail: what is there is whatever the loop's neutral element is.
 */
final class Workspace implements AutoCloseable {
    private static final int SLOTS = 6;

    final Address a = new Address();
    final Address b = new Address();
    final Address c = new Address();
    final KeyWalk keys = new KeyWalk();
    /** The thread that last multiplied with this and has been told to compute alone. */
    @Nullable
    Thread alone;

    private final float[][] rows = new float[SLOTS][0];
    private float[] zeros = new float[512];
    private final NativeBlock block = new NativeBlock();
    private FloatBuffer blockBuffer = FloatBuffer.allocate(0);

    /** A pointer that is aimed at any address; JavaCPP reads nothing but the address and the (zero) position. */
    static final class Address extends FloatPointer {
        Address() {
            super((Pointer) null);
        }

        Address at(long newAddress) {
            address = newAddress;
            return this;
        }
    }

    /** The staged row of {@code slot} with room for {@code columns} rounded up to whole vectors. */
    float[] row(int slot, int columns) {
        int padded = VectorMath.roundUp(columns);
        if (rows[slot].length < padded) {
            rows[slot] = new float[Math.max(padded, 64)];
        }
        return rows[slot];
    }

    /** Stages {@code columns} elements of {@code source} from {@code index}, followed by {@code neutral} to a whole vector. */
    float[] load(int slot, FloatBuffer source, int index, int columns, float neutral) {
        float[] row = row(slot, columns);
        source.get(index, row, 0, columns);
        int padded = VectorMath.roundUp(columns);
        if (padded != columns) {
            Arrays.fill(row, columns, padded, neutral);
        }
        return row;
    }

    /** At least {@code n} zeros, never to be written. */
    float[] zeros(int n) {
        if (zeros.length < n) {
            zeros = new float[n];
        }
        return zeros;
    }

    /** Native memory for {@code floats} elements, 64-byte aligned enough for vectors; contents undefined. */
    FloatBuffer nativeBlock(int floats) {
        long bytes = (long) Float.BYTES * floats;
        if (block.fit(bytes, bytes)) {
            blockBuffer = block.view().asFloatBuffer();
        }
        return blockBuffer;
    }

    /** Address of the native block. */
    long nativeAddress() {
        return block.address();
    }

    @Override
    public void close() {
        block.close();
    }
}
