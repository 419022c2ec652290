package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Applies one optimiser step's {@link Dropout} to the rows of one micro-batch; the gradient is the same operation. */
final class DropoutMask {
    /** Which of a block's two branches. */
    enum Site {
        ATTENTION,
        MLP
    }

    private final Kernels kernels;
    private final CounterRandom stepKey;
    private final CounterRandom adapterKey;
    private final PackedBatch batch;
    private final double rate;
    private final double adapterRate;
    private final long[] keys; // of the rows of one site

    DropoutMask(Kernels kernels, Dropout dropout, PackedBatch batch) {
        this.kernels = kernels;
        this.stepKey = dropout.key().derive(dropout.step());
        this.batch = batch;
        this.adapterKey = stepKey.derive("adapter");
        this.rate = dropout.rate();
        this.adapterRate = dropout.adapterRate();
        this.keys = new long[batch.rows()];
    }

    /**
     * Multiplies row i by the mask of the batch's row {@code rows[i]}.
     *
     * @param rows null for all of the batch's rows, in their order
     */
    void applyInPlace(Tensor x, int @Nullable [] rows, int layer, Site site) {
        applyInPlace(x, rows, stepKey.derive(2L * layer + site.ordinal()), rate);
    }

    /** The same for what the A of an adapter's module multiplies. */
    void applyInPlace(Tensor x, int @Nullable [] rows, String module) {
        applyInPlace(x, rows, adapterKey.derive(module), adapterRate);
    }

    boolean hasBlocks() {
        return rate > 0;
    }

    boolean hasAdapter() {
        return adapterRate > 0;
    }

    private void applyInPlace(Tensor x, int @Nullable [] rows, CounterRandom siteKey, double with) {
        for (int i = 0; i < x.rows(); i++) {
            int row = rows == null ? i : rows[i];
            keys[i] = siteKey.derive(batch.sequenceNumber(row))
                    .derive(batch.positions()[row])
                    .key();
        }
        kernels.dropout(x, keys, with);
    }
}
