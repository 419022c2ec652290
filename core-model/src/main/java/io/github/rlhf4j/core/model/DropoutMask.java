package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.Tensor;

/** Applies one optimiser step's {@link Dropout} to the rows of one micro-batch; the gradient is the same operation. */
final class DropoutMask {
    /** Which of a block's two branches. */
    enum Site {
        ATTENTION,
        MLP
    }

    private final CounterRandom stepKey;
    private final PackedBatch batch;
    private final int threshold; // of 32 unsigned bits
    private final double scale;

    DropoutMask(Dropout dropout, PackedBatch batch) {
        this.stepKey = dropout.key().derive(dropout.step());
        this.batch = batch;
        this.threshold = (int) (long) (dropout.rate() * 0x1p32);
        this.scale = 1 / (1 - dropout.rate());
    }

    /** Multiplies row i, which is the batch's row {@code rows[i]}, by its mask. */
    void applyInPlace(Tensor x, int[] rows, int layer, Site site) {
        CounterRandom siteKey = stepKey.derive(2L * layer + site.ordinal());
        for (int i = 0; i < x.rows(); i++) {
            CounterRandom rowKey = siteKey.derive(batch.sequenceNumber(rows[i])).derive(batch.positions()[rows[i]]);
            if (x.type() == DataType.FLOAT) {
                applyToFloats(x, i, rowKey);
            } else {
                applyToDoubles(x, i, rowKey);
            }
        }
    }

    private void applyToFloats(Tensor x, int row, CounterRandom key) {
        int from = x.offset(row);
        for (int column = 0; column < x.columns(); column++) {
            float value = x.floats().get(from + column);
            x.floats().put(from + column, isKept(key, column) ? (float) (value * scale) : 0);
        }
    }

    private void applyToDoubles(Tensor x, int row, CounterRandom key) {
        int from = x.offset(row);
        for (int column = 0; column < x.columns(); column++) {
            double value = x.doubles().get(from + column);
            x.doubles().put(from + column, isKept(key, column) ? value * scale : 0);
        }
    }

    private boolean isKept(CounterRandom key, int column) {
        return Integer.compareUnsigned((int) (key.bits(column) >>> 32), threshold) >= 0;
    }
}
