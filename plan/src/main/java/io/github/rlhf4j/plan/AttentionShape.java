package io.github.rlhf4j.plan;

import java.util.List;

/**
 * The attention of a layer.
 *
 * @param products its matrices, the output projection last
 * @param biases its other weights, without norms
 * @param heads H, query heads
 * @param keyDim width of a query and of a key
 * @param valueDim width of a value
 * @param cached numbers that are kept of a token for later ones
 * @param window how many positions a token sees, itself included; 0: all
 */
record AttentionShape(
        List<Product> products, long biases, long heads, long keyDim, long valueDim, long cached, long window) {
    AttentionShape {
        products = List.copyOf(products);
    }

    long matrixWeights() {
        return products.stream().mapToLong(Product::weights).sum();
    }

    /** Numbers that the products make of a token before attention: all but the last product, which comes after it. */
    long projected() {
        return products.stream().mapToLong(Product::outputs).sum()
                - products.get(products.size() - 1).outputs();
    }

    /** Positions that the last of {@code length} tokens sees. */
    long seen(long length) {
        return window == 0 ? length : Math.min(length, window);
    }

    /** Positions that a token of {@code length} sees on average. */
    double seenOnAverage(long length) {
        long full = seen(length);
        return (full * (full + 1) / 2.0 + (double) (length - full) * full) / length;
    }

    /** Multiplications and additions of a token for each position that it sees: scores, and the sum of values. */
    long flopsOfPosition() {
        return 2 * heads * (keyDim + valueDim);
    }
}
