package io.github.rlhf4j.core.model;

import java.util.HashMap;
import java.util.Map;

/** The matrices of one model or view of a model, by the keys of {@link ParameterLayout}, as its layers compute with them. */
final class LayerParameters {
    private final ParameterStore store;
    private final Map<String, LayerParameter> all = new HashMap<>(); // looked up only

    LayerParameters(ParameterStore store) {
        this.store = store;
    }

    /** The matrix of a key, the same object for all that ask. */
    LayerParameter of(String key) {
        return all.computeIfAbsent(key, wanted -> new LayerParameter(store.matrix(wanted)));
    }

    boolean has(String key) {
        return store.hasMatrix(key);
    }
}
