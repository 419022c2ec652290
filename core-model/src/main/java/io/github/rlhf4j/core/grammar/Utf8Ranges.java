package io.github.rlhf4j.core.grammar;

import java.util.ArrayList;
import java.util.List;

/** A range of characters as sequences of ranges of bytes. */
final class Utf8Ranges {
    private static final int[] LAST_OF_LENGTH = {0x7F, 0x7FF, 0xFFFF, CodePoints.MAX};

    private Utf8Ranges() {}

    /** First and last byte of each place, one after the other, for each sequence; {@code first} to {@code last} has no surrogates. */
    static List<int[]> of(int first, int last) {
        List<int[]> sequences = new ArrayList<>();
        int begin = first;
        for (int length = 1; length <= 4; length++) {
            int end = Math.min(last, LAST_OF_LENGTH[length - 1]);
            if (begin <= end) {
                split(begin, end, length, sequences);
                begin = end + 1;
            }
        }
        return sequences;
    }

    /** Cuts until all bytes but the first of a difference run from their least to their greatest. */
    private static void split(int first, int last, int length, List<int[]> to) {
        for (int i = 1; i < length; i++) {
            int mask = (1 << 6 * i) - 1; // of the last i bytes' bits
            if ((first & ~mask) != (last & ~mask)) {
                if ((first & mask) != 0) {
                    split(first, first | mask, length, to);
                    split((first | mask) + 1, last, length, to);
                    return;
                }
                if ((last & mask) != mask) {
                    split(first, (last & ~mask) - 1, length, to);
                    split(last & ~mask, last, length, to);
                    return;
                }
            }
        }
        int[] sequence = new int[2 * length];
        for (int place = 0; place < length; place++) {
            sequence[2 * place] = at(first, place, length);
            sequence[2 * place + 1] = at(last, place, length);
        }
        to.add(sequence);
    }

    private static int at(int c, int place, int length) {
        if (place > 0) {
            return 0x80 | c >> 6 * (length - 1 - place) & 0x3F;
        }
        int lead = length == 1 ? 0 : 0xF0 << 4 - length & 0xFF;
        return lead | c >> 6 * (length - 1);
    }
}
