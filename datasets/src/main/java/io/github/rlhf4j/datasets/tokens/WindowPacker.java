package io.github.rlhf4j.datasets.tokens;

import java.util.Arrays;
import java.util.function.ObjLongConsumer;

/** Packs documents end to end into windows of at most max_length tokens, in their order; see {@link TokenizedWindow} for what happens at a border. */
final class WindowPacker {
    private static final int LEAST_PIECE = 2; // a piece of one token has nothing to predict

    private final int[] ids;
    private final int[] starts;
    private final ObjLongConsumer<TokenizedWindow> sink; // takes a window and the row of its first document
    private int length;
    private int pieces;
    private long firstRow;

    WindowPacker(int maxLength, ObjLongConsumer<TokenizedWindow> sink) {
        this.ids = new int[maxLength];
        this.starts = new int[maxLength / LEAST_PIECE];
        this.sink = sink;
    }

    /** Adds a document; one of a single token has nothing to learn and is passed over. */
    void add(int[] document, long row) {
        int from = 0;
        while (document.length - from >= LEAST_PIECE) {
            if (ids.length - length < LEAST_PIECE) {
                flush();
            }
            if (pieces == 0) {
                firstRow = row;
            }
            int piece = Math.min(document.length - from, ids.length - length);
            starts[pieces++] = length;
            System.arraycopy(document, from, ids, length, piece);
            length += piece;
            from += piece - 1; // the next piece begins with this one's last token
        }
    }

    /** Hands on the last window, if it has anything. */
    void flush() {
        if (pieces > 0) {
            sink.accept(new TokenizedWindow(Arrays.copyOf(ids, length), Arrays.copyOf(starts, pieces)), firstRow);
        }
        length = 0;
        pieces = 0;
    }
}
