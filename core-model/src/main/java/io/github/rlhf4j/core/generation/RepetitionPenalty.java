package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.Tensor;

/**
 * Hugging Face's repetition penalty: the logit of a token that occurred is divided by it where positive, multiplied where negative. What it left of a row is a row of logits like any other, with a maximum of its own;
 * the logits before it are remembered, since log-probs are reported without it.
 */
final class RepetitionPenalty {
    private final SamplingOptions options;
    private final EarlierRows before;

    RepetitionPenalty(SamplingOptions options, int vocabSize) {
        this.options = options;
        this.before = new EarlierRows(options, vocabSize);
    }

    /** What happens to a logit of a token that occurred. */
    static float penalize(float logit, double penalty) {
        return (float) (logit > 0 ? logit / penalty : logit * penalty);
    }

    /** Changes the logits of the tokens that each row has seen. */
    void apply(Tensor rowsOfLogits, int rows, TokenChooser.SeenOfRow seen, Kernels kernels) {
        before.take(rowsOfLogits, rows, kernels);
        for (int row = 0; row < rows; row++) {
            SeenTokens tokens = seen.of(row);
            for (int i = 0; i < tokens.count(); i++) {
                int id = tokens.id(i);
                rowsOfLogits.set(row, id, penalize(before.logit(row, id), options.repetitionPenalty()));
            }
        }
    }

    /** A row's logits before the penalty. */
    void load(int row, float[] to) {
        before.load(row, to);
    }

    /** Nats, under the distribution at the temperature without the penalty. */
    double logProb(int row, int id) {
        double difference = before.logit(row, id) - before.maxima().max(row);
        return difference / options.temperature() - Math.log(before.maxima().sum(row));
    }
}
