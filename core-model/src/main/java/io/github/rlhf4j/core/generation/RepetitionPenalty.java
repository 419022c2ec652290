package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.RowMaxima;
import io.github.rlhf4j.core.tensor.Tensor;

/**
 * Hugging Face's repetition penalty: the logit of a token that occurred is divided by it where positive, multiplied where negative. What it left of a row is a row of logits like any other, with a maximum of its own;
 * the logits before it are remembered, since log-probs are reported without it.
 */
final class RepetitionPenalty {
    private final SamplingOptions options;
    private final int vocabSize;
    private final RowMaxima before = new RowMaxima();
    private float[] logits = new float[0]; // (rows, V), before the penalty

    RepetitionPenalty(SamplingOptions options, int vocabSize) {
        this.options = options;
        this.vocabSize = vocabSize;
    }

    /** What happens to a logit of a token that occurred. */
    static float penalize(float logit, double penalty) {
        return (float) (logit > 0 ? logit / penalty : logit * penalty);
    }

    /** Changes the logits of the tokens that each row has seen. */
    void apply(Tensor rowsOfLogits, int rows, TokenChooser.SeenOfRow seen, Kernels kernels) {
        if (logits.length < rows * vocabSize) {
            logits = new float[rows * vocabSize];
        }
        for (int row = 0; row < rows; row++) {
            Rows.load(rowsOfLogits, row, logits, row * vocabSize);
        }
        kernels.exponentiate(rowsOfLogits, rows, options.temperature(), before); // for maximum and sum; overwritten
        for (int row = 0; row < rows; row++) {
            Rows.store(logits, row * vocabSize, rowsOfLogits, row);
            SeenTokens tokens = seen.of(row);
            for (int i = 0; i < tokens.count(); i++) {
                int id = tokens.id(i);
                rowsOfLogits.set(row, id, penalize(logits[row * vocabSize + id], options.repetitionPenalty()));
            }
        }
    }

    /** A row's logits before the penalty. */
    void load(int row, float[] to) {
        System.arraycopy(logits, row * vocabSize, to, 0, vocabSize);
    }

    /** Nats, under the distribution at the temperature without the penalty. */
    double logProb(int row, int id) {
        double difference = (double) logits[row * vocabSize + id] - before.max(row);
        return difference / options.temperature() - Math.log(before.sum(row));
    }
}
