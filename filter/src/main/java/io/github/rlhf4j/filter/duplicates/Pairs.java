package io.github.rlhf4j.filter.duplicates;

import java.nio.ByteBuffer;

/** Pairs of a hash and a row in memory, which are sorted by their hashes. */
final class Pairs {
    /** Of a pair as bytes. */
    static final int BYTES = Long.BYTES + Integer.BYTES;

    private static final int DIGIT_BITS = 8;

    private final long[] hashes;
    private final int[] rows;
    private int count;

    /** @param most pairs */
    Pairs(int most) {
        this.hashes = new long[most];
        this.rows = new int[most];
    }

    /** Of bytes, as {@link #write} has them. */
    static Pairs of(byte[] bytes) {
        Pairs pairs = new Pairs(bytes.length / BYTES);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        while (in.hasRemaining()) {
            pairs.add(in.getLong(), in.getInt());
        }
        return pairs;
    }

    static void write(long hash, int row, ByteBuffer out) {
        out.putLong(hash).putInt(row);
    }

    boolean isFull() {
        return count == hashes.length;
    }

    int size() {
        return count;
    }

    void add(long hash, int row) {
        hashes[count] = hash;
        rows[count] = row;
        count++;
    }

    void clear() {
        count = 0;
    }

    long hash(int i) {
        return hashes[i];
    }

    int row(int i) {
        return rows[i];
    }

    /** By hash, ascending and unsigned; pairs of one hash stay in their order. */
    void sort() {
        long[] fromHashes = hashes;
        int[] fromRows = rows;
        long[] toHashes = new long[count];
        int[] toRows = new int[count];
        for (int shift = 0; shift < Long.SIZE; shift += DIGIT_BITS) { // an even number of passes: back in place
            int[] places = new int[(1 << DIGIT_BITS) + 1];
            for (int i = 0; i < count; i++) {
                places[digit(fromHashes[i], shift) + 1]++;
            }
            for (int digit = 0; digit < 1 << DIGIT_BITS; digit++) {
                places[digit + 1] += places[digit];
            }
            for (int i = 0; i < count; i++) {
                int place = places[digit(fromHashes[i], shift)]++;
                toHashes[place] = fromHashes[i];
                toRows[place] = fromRows[i];
            }
            long[] swapHashes = fromHashes;
            fromHashes = toHashes;
            toHashes = swapHashes;
            int[] swapRows = fromRows;
            fromRows = toRows;
            toRows = swapRows;
        }
    }

    private static int digit(long hash, int shift) {
        return (int) (hash >>> shift) & ((1 << DIGIT_BITS) - 1);
    }

    /** Gives the rows of every hash that is there more than once; pairs are sorted. */
    void forEachLink(EqualHashes.LinkConsumer consumer) {
        Links links = new Links(consumer);
        for (int i = 0; i < count; i++) {
            links.add(hashes[i], rows[i]);
        }
    }
}
