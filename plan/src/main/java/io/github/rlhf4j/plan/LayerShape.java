package io.github.rlhf4j.plan;

/**
 * A layer.
 *
 * @param norms weights of its norms, those of queries and keys among them
 */
record LayerShape(AttentionShape attention, FeedForwardShape feedForward, long norms) {
    /** Weights of the matrices that a token is multiplied by. */
    long activeMatrixWeights() {
        return attention.matrixWeights()
                + feedForward.matrixWeights()
                + feedForward.expertsPerToken() * feedForward.expertMatrixWeights();
    }
}
