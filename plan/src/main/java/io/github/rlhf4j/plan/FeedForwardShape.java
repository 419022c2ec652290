package io.github.rlhf4j.plan;

import java.util.List;

/**
 * The feed-forward part of a layer: matrices that every token meets, and experts of which each token meets some.
 *
 * @param products matrices that every token meets, the router among them
 * @param biases their other weights
 * @param experts E, 0 for none
 * @param expertsPerToken how many of them a token meets
 * @param ofExpert matrices of one expert
 * @param expertBiases other weights of one expert
 * @param width numbers between the products that a token has: F, of all that it meets
 * @param gated whether each of them is made of two
 */
record FeedForwardShape(
        List<Product> products,
        long biases,
        long experts,
        long expertsPerToken,
        List<Product> ofExpert,
        long expertBiases,
        long width,
        boolean gated) {
    FeedForwardShape {
        products = List.copyOf(products);
        ofExpert = List.copyOf(ofExpert);
    }

    long matrixWeights() {
        return products.stream().mapToLong(Product::weights).sum();
    }

    long expertMatrixWeights() {
        return ofExpert.stream().mapToLong(Product::weights).sum();
    }

    /** All weights of one expert. */
    long expertWeights() {
        return expertMatrixWeights() + expertBiases;
    }
}
