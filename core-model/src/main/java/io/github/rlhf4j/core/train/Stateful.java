package io.github.rlhf4j.core.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.Map;

/** Something that changes during a stage and so belongs in every checkpoint: a model, an optimiser, a controller, statistics, counters. */
public interface Stateful {
    /** Tensors by name, saved as they are and restored in place. */
    default Map<String, Tensor> tensors() {
        return Map.of();
    }

    /** Writes everything else. Doubles survive exactly. */
    default void save(ObjectNode state) {}

    /** Restores what {@link #save} wrote, after the tensors. */
    default void restore(ObjectNode state) {}

    /**
     * Looks whether the tensors are still what the last step left, before they are saved; nothing where that is not watched.
     *
     * @throws Corruption where they are not
     */
    default void verify() {}
}
