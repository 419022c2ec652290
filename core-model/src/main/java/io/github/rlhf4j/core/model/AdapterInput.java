package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.LowRank.Cut;
import io.github.rlhf4j.core.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What a layer multiplies, as the A of a module sees it: with dropout each module has a mask of its own, as in peft.
 *
 * @param all (N, inputs)
 * @param rowsInBatch which rows of the batch those are; null for all
 */
@SuppressWarnings("ArrayRecordComponent")
record AdapterInput(Adapter owner, Kernels kernels, Tensor all, int @Nullable [] rowsInBatch) {
    int rows() {
        return all.rows();
    }

    boolean isDropped() {
        return owner.dropout() != null;
    }

    /** What a module multiplies, to be read until the next call. */
    Tensor of(Cut cut) {
        if (owner.dropout() == null) {
            return all;
        }
        Tensor copy = owner.scratch().input(all.rows(), all.columns());
        kernels.copy(copy, all);
        return drop(copy, cut);
    }

    /** Masks the gradient of what a module multiplies, or that itself, in place. */
    Tensor drop(Tensor inOut, Cut cut) {
        DropoutMask mask = owner.dropout();
        if (mask != null) {
            mask.applyInPlace(inOut, rowsInBatch, cut.term().module().name());
        }
        return inOut;
    }
}
