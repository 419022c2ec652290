package io.github.rlhf4j.plan;

/**
 * A matrix that every token is multiplied by.
 *
 * @param inputs its columns
 * @param outputs its rows
 */
record Product(long inputs, long outputs) {
    long weights() {
        return inputs * outputs;
    }

    /** What a low-rank adapter adds: A and B. */
    long adapterWeights(long rank) {
        return rank * (inputs + outputs);
    }
}
