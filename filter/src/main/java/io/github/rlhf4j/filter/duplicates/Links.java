package io.github.rlhf4j.filter.duplicates;

/** Takes pairs in the order of their hashes, and links those of one hash to the first of them. */
final class Links {
    private final EqualHashes.LinkConsumer consumer;
    private boolean hasFirst;
    private long hash;
    private int first;

    Links(EqualHashes.LinkConsumer consumer) {
        this.consumer = consumer;
    }

    void add(long nextHash, int row) {
        if (hasFirst && nextHash == hash) {
            consumer.accept(first, row);
        } else {
            hasFirst = true;
            hash = nextHash;
            first = row;
        }
    }
}
