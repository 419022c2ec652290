package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.tensor.Tensor;

/** Log-probs of one row of logits as the model gives them, summed in double. */
final class ModelLogProbs {
    private final float[] logits; // (V)
    private double logSum;

    ModelLogProbs(int vocabSize) {
        this.logits = new float[vocabSize];
    }

    /** Reads a row, which is not changed. */
    void read(Tensor from, int row) {
        Rows.load(from, row, logits, 0);
        float max = logits[0];
        for (float logit : logits) {
            max = Math.max(max, logit);
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - max);
        }
        logSum = max + Math.log(sum);
    }

    /** Nats, in single precision, so that the most likely token's is the same wherever it is reported: lm-eval asks whether they are equal. */
    double of(int id) {
        return (float) (logits[id] - logSum);
    }

    TopTokens top(int count) {
        int[] ids = TopTokens.largest(logits, count, Float.NEGATIVE_INFINITY);
        float[] logProbs = new float[ids.length];
        for (int i = 0; i < ids.length; i++) {
            logProbs[i] = (float) of(ids[i]);
        }
        return new TopTokens(ids, logProbs);
    }
}
