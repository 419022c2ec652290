package io.github.rlhf4j.filter.duplicates;

/** Takes pairs of a hash and a row, in the order of the rows, then says which rows have the same hash. For one thread, once. */
interface EqualHashes extends AutoCloseable {
    /** Takes rows that have the same hash. */
    interface LinkConsumer {
        /**
         * Called once for each row of a hash but the first, in their order; those of one hash follow each other.
         *
         * @param first row with the hash
         * @param row another one
         */
        void accept(int first, int row);
    }

    void add(long hash, int row);

    /** Gives the rows of every hash that came more than once. */
    void forEachLink(LinkConsumer consumer);

    @Override
    void close();
}
