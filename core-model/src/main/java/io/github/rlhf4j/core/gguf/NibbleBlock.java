package io.github.rlhf4j.core.gguf;

import java.nio.ByteBuffer;

/** 32 numbers of 4 or 5 bits: the fifth bits in 4 bytes, then the low four of numbers i and i + 16 in byte i. */
final class NibbleBlock {
    static final int SIZE = 32;
    private static final int HALF = SIZE / 2;

    private final boolean hasFifth;
    private final int[] numbers = new int[SIZE];

    NibbleBlock(int bits) {
        hasFifth = bits == 5;
    }

    int get(int i) {
        return numbers[i];
    }

    void set(int i, int number) {
        numbers[i] = number;
    }

    void read(ByteBuffer in) {
        int fifth = hasFifth ? in.getInt() : 0;
        for (int i = 0; i < HALF; i++) {
            int both = in.get();
            numbers[i] = (both & 0xF) | ((fifth >>> i) & 1) << 4;
            numbers[i + HALF] = ((both >>> 4) & 0xF) | ((fifth >>> (i + HALF)) & 1) << 4;
        }
    }

    void write(ByteBuffer out) {
        if (hasFifth) {
            int fifth = 0;
            for (int i = 0; i < SIZE; i++) {
                fifth |= (numbers[i] >>> 4) << i;
            }
            out.putInt(fifth);
        }
        for (int i = 0; i < HALF; i++) {
            out.put((byte) ((numbers[i] & 0xF) | (numbers[i + HALF] & 0xF) << 4));
        }
    }
}
