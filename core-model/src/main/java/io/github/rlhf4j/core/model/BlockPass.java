package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.AttentionLayout;
import io.github.rlhf4j.core.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One block's part of a pass over a batch: its rows, and the memory for them.
 *
 * <p>The last block computes what follows its attention at the rows that are wanted only; {@code M} counts those, and is {@code N} in the others. Of each segment the rows from the first wanted one on
 * attend; those before it are keys and values only.
 */
final class BlockPass {
    /** Where this part of all rows is wanted, or more, all have a query: copying rows out and back costs something too. Chosen, not measured. */
    private static final double ENOUGH_QUERIES = 0.9;

    private final PackedBatch batch;
    private final AttentionLayout layout;
    private final RotaryTable.@Nullable Rotations rotations;
    private final int layer;
    private final @Nullable OutputRows outputs;
    private final @Nullable DropoutMask dropout;
    private final @Nullable GenerationOrder order;

    BlockPass(
            PackedBatch batch,
            AttentionLayout layout,
            RotaryTable.@Nullable Rotations rotations,
            int layer,
            @Nullable OutputRows outputs,
            @Nullable DropoutMask dropout,
            @Nullable GenerationOrder order) {
        this.order = order;
        this.batch = batch;
        this.rotations = rotations;
        this.layer = layer;
        this.outputs = outputs != null && outputs.count() < batch.rows() ? outputs : null;
        this.layout = this.outputs == null ? layout : layout.attendingFrom(this.outputs.rows());
        this.dropout = dropout;
    }

    int layer() {
        return layer;
    }

    AttentionLayout layout() {
        return layout;
    }

    /** Null where positions are learned. */
    RotaryTable.@Nullable Rotations rotations() {
        return rotations;
    }

    /** N. */
    int rows() {
        return batch.rows();
    }

    /** The rows after attention where they are fewer than N, else null. */
    int @Nullable [] selection() {
        return outputs == null ? null : outputs.rows();
    }

    /** The rows whose queries are computed on their own, since they are clearly fewer than N, else null. */
    int @Nullable [] queryRows() {
        return selected() < ENOUGH_QUERIES * rows() ? selection() : null;
    }

    /** M. */
    int selected() {
        return outputs == null ? batch.rows() : outputs.count();
    }

    /** Null where the forward pass computes in the order that is fastest in training. */
    @Nullable
    GenerationOrder order() {
        return order;
    }

    /** How layers multiply in the forward pass. */
    Projection.Choice projections() {
        return order == null ? Projection.Choice.TRAINING : order.weights();
    }

    boolean hasDropout() {
        return dropout != null;
    }

    /** Masks the M rows of a branch, or of its gradient. */
    void dropInPlace(Tensor branch, DropoutMask.Site site) {
        if (dropout != null) {
            dropout.applyInPlace(branch, selection(), layer, site);
        }
    }
}
