package io.github.rlhf4j.gguf;

import io.github.rlhf4j.core.gguf.GgufType;

/** What a file's matrices are stored as, under llama.cpp's names; Q4_K is llama-quantize's Q4_K_M. */
public enum GgufFormat {
    F32(GgufType.F32, 0),
    F16(GgufType.F16, 1),
    BF16(GgufType.BF16, 32),
    Q8_0(GgufType.Q8_0, 7),
    Q4_0(GgufType.Q4_0, 2),
    Q4_K(GgufType.Q4_K, 15);

    private final GgufType type;
    private final int fileType;

    GgufFormat(GgufType type, int fileType) {
        this.type = type;
        this.fileType = fileType;
    }

    /** Of most of its matrices. */
    GgufType type() {
        return type;
    }

    /** Its number in {@code general.file_type}. */
    int fileType() {
        return fileType;
    }
}
