package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.Tensor;

/** The norms of each head's query and key, in front of the rotation. */
final class HeadNorms {
    private final Kernels kernels;
    private final AttentionConfig config;
    private final RmsNorm query;
    private final RmsNorm key;

    HeadNorms(ModelConfig config, LayerParameters parameters, Kernels kernels, int layer) {
        this.kernels = kernels;
        this.config = config.attention();
        double epsilon = config.norm().epsilon();
        query = new RmsNorm(kernels, parameters.of(layer + ParameterLayout.QUERY_NORM), epsilon);
        key = new RmsNorm(kernels, parameters.of(layer + ParameterLayout.KEY_NORM), epsilon);
    }

    /**
     * Norms queries and keys in place.
     *
     * @param queriesAndKeys (N, (H + Hkv) D)
     * @param raw (N, (H + Hkv) D), receives them as they were
     * @param inverseRms (N, H + Hkv)
     */
    void forward(Tensor queriesAndKeys, Tensor raw, Tensor inverseRms) {
        kernels.copy(raw, queriesAndKeys);
        query.forward(queries(queriesAndKeys), ofQueries(inverseRms), queries(raw));
        key.forward(keys(queriesAndKeys), ofKeys(inverseRms), keys(raw));
    }

    /**
     * Gradients of the normed queries and keys become those of the raw ones, in place.
     *
     * @param scratch (N, (H + Hkv) D)
     */
    void backward(Tensor dQueriesAndKeys, Tensor raw, Tensor inverseRms, Tensor scratch) {
        kernels.zero(scratch);
        query.backwardAdding(queries(scratch), queries(dQueriesAndKeys), queries(raw), ofQueries(inverseRms));
        key.backwardAdding(keys(scratch), keys(dQueriesAndKeys), keys(raw), ofKeys(inverseRms));
        kernels.copy(dQueriesAndKeys, scratch);
    }

    private Tensor queries(Tensor both) {
        return both.columns(0, config.queryWidth());
    }

    private Tensor keys(Tensor both) {
        return both.columns(config.queryWidth(), both.columns());
    }

    private Tensor ofQueries(Tensor inverseRms) {
        return inverseRms.columns(0, config.heads());
    }

    private Tensor ofKeys(Tensor inverseRms) {
        return inverseRms.columns(config.heads(), inverseRms.columns());
    }

    boolean trainable() {
        return query.trainable() || key.trainable();
    }
}
