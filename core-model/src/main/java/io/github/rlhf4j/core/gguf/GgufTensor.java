package io.github.rlhf4j.core.gguf;

import java.util.List;

/**
 * Where a tensor is in a file.
 *
 * @param dimensions as ggml counts them, the length of a row first
 * @param position of its first byte in the file
 */
record GgufTensor(String name, GgufType type, List<Long> dimensions, long position) {
    GgufTensor {
        dimensions = List.copyOf(dimensions);
    }

    long elements() {
        return dimensions.stream().reduce(1L, Math::multiplyExact);
    }

    long bytes() {
        return type.bytes(elements());
    }

    long end() {
        return position + bytes();
    }

    /** Dimensions as PyTorch counts them, the length of a row last. */
    long[] shape() {
        int count = dimensions.size();
        long[] shape = new long[count];
        for (int i = 0; i < count; i++) {
            shape[i] = dimensions.get(count - 1 - i);
        }
        return shape;
    }
}
