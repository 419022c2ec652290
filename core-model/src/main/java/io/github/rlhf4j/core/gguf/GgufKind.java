package io.github.rlhf4j.core.gguf;

import java.util.Arrays;
import java.util.Optional;

/** The kinds of values of metadata, with their numbers in files. */
enum GgufKind {
    UINT8(0, 1),
    INT8(1, 1),
    UINT16(2, 2),
    INT16(3, 2),
    UINT32(4, 4),
    INT32(5, 4),
    FLOAT32(6, 4),
    BOOL(7, 1),
    STRING(8, 8), // at least: its length
    ARRAY(9, 12), // at least: the kind and the number of its values
    UINT64(10, 8),
    INT64(11, 8),
    FLOAT64(12, 8);

    private final int id;
    private final int leastBytes;

    GgufKind(int id, int leastBytes) {
        this.id = id;
        this.leastBytes = leastBytes;
    }

    int id() {
        return id;
    }

    /** The fewest bytes that a value takes. */
    int leastBytes() {
        return leastBytes;
    }

    static Optional<GgufKind> of(int id) {
        return Arrays.stream(values()).filter(kind -> kind.id == id).findFirst();
    }
}
