package io.github.rlhf4j.plan;

/**
 * Operations of a token in a sequence: a multiplication and an addition are two. Products and attention count; norms, activations and the softmax, which are few, do not.
 *
 * <pre>
 *   forward  = 2 (weights of the matrices that a token meets) + sum over layers of 2 H (Dk + Dv) S
 *   backward = 2 forward
 * </pre>
 *
 * <p>S is the positions that are seen: as PaLM and nanoGPT count, those of the whole sequence, or the window, though a causal mask hides half; {@link #causalForward} counts those that are seen alone.
 */
record Flops(ModelShape model, Parameters parameters, long length) {
    private long products() {
        return 2
                * (model.headProduct()
                        + model.layers().stream()
                                .mapToLong(LayerShape::activeMatrixWeights)
                                .sum());
    }

    long forward() {
        return products()
                + model.layers().stream()
                        .map(LayerShape::attention)
                        .mapToLong(attention -> attention.flopsOfPosition() * attention.seen(length))
                        .sum();
    }

    double causalForward() {
        return products()
                + model.layers().stream()
                        .map(LayerShape::attention)
                        .mapToDouble(attention -> attention.flopsOfPosition() * attention.seenOnAverage(length))
                        .sum();
    }

    long backward() {
        return 2 * forward();
    }

    /** 6 N with the active parameters (Kaplan et al. 2020). */
    long sixN() {
        return 6 * parameters.active();
    }

    /** 6 N + 12 L H Q T (Chowdhery et al. 2022, arXiv:2204.02311, appendix B). */
    long palm() {
        return sixN()
                + model.layers().stream()
                        .map(LayerShape::attention)
                        .mapToLong(attention ->
                                6 * attention.heads() * (attention.keyDim() + attention.valueDim()) * length)
                        .sum();
    }
}
