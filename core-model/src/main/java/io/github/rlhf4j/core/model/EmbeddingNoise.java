package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.tensor.Tensor;

/**
 * NEFTune's noise on the embeddings (Jain et al. 2023, arXiv:2310.05914, Algorithm 1): to each element a draw from
 *
 * <pre>  uniform(-m, m),   m = alpha / sqrt(L C),   L tokens of the sequence</pre>
 *
 * <p>Gradients pass through it. A draw is a function of (key, step, the sequence's number in the step, position, channel) alone. Deviates from transformers, whose L counts the padding of the batch too.
 *
 * @param alpha >= 0
 * @param key of the run and stage
 * @param step optimiser step
 */
public record EmbeddingNoise(double alpha, CounterRandom key, long step) {
    public EmbeddingNoise {
        if (!(alpha >= 0) || Double.isInfinite(alpha)) {
            throw new IllegalArgumentException("noise must be finite and >= 0, but is " + alpha);
        }
    }

    /** @param x (N, C) embeddings of the batch's rows, in place */
    void addTo(Tensor x, PackedBatch batch) {
        CounterRandom stepKey = key.derive(step);
        int[] lengths = batch.sequenceLengths();
        for (int row = 0; row < x.rows(); row++) {
            double most = alpha / Math.sqrt((double) lengths[row] * x.columns());
            CounterRandom draws = stepKey.derive(batch.sequenceNumber(row)).derive(batch.positions()[row]);
            for (int channel = 0; channel < x.columns(); channel++) {
                x.set(row, channel, x.get(row, channel) + most * (2 * draws.uniform(channel) - 1));
            }
        }
    }
}
