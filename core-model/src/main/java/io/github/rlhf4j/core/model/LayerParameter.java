package io.github.rlhf4j.core.model;

import org.jspecify.annotations.Nullable;

/** A matrix that a layer computes with: the model's own, or a copy that an {@link Adapter} trains, while that is on. */
final class LayerParameter {
    private final FusedParameter own;
    private @Nullable FusedParameter copy;
    private @Nullable Adapter copyOf;

    LayerParameter(FusedParameter own) {
        this.own = own;
    }

    /** The model's. */
    FusedParameter own() {
        return own;
    }

    /** What is computed with. */
    FusedParameter now() {
        FusedParameter other = copy;
        return other != null && copyOf != null && copyOf.isOn() ? other : own;
    }

    /** Computes with an adapter's copy from now on, while the adapter is on. */
    void use(FusedParameter other, Adapter of) {
        copy = other;
        copyOf = of;
    }

    /** Computes with the model's own again. */
    void useOwn() {
        copy = null;
        copyOf = null;
    }
}
