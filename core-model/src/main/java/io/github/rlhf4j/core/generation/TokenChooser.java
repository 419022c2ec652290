package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.RowMaxima;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.Tensor;

/**
 * From rows of logits to tokens, in Hugging Face's order: repetition penalty on the logits, temperature, then {@link TokenFilter}'s top-k, top-p and min-p; the draw is inverted through the
 * cumulative distribution in the order of the ids.
 */
final class TokenChooser {
    private final Kernels kernels;
    private final SamplingOptions options;
    private final TokenFilter filter;
    private final RowMaxima maxima = new RowMaxima();
    private final float[] weights; // (V)
    private float[][] penalized = new float[0][0]; // for each row, the new logits of its seen tokens
    private int chosen;
    private double logProb;

    TokenChooser(Kernels kernels, SamplingOptions options, int vocabSize) {
        this.kernels = kernels;
        this.options = options;
        this.filter = new TokenFilter(options, vocabSize);
        this.weights = new float[vocabSize];
    }

    /** What happens to a logit of a token that occurred. */
    static float penalize(float logit, double penalty) {
        return (float) (logit > 0 ? logit / penalty : logit * penalty);
    }

    /**
     * Takes in the logits of {@code rows} rows; {@link #choose} then serves any of them, several times if need be.
     *
     * @param logits (rows or more, V), overwritten
     */
    void take(Tensor logits, int rows, SeenOfRow seen) {
        if (options.repetitionPenalty() != 1) {
            rememberPenalties(logits, rows, seen);
        }
        kernels.exponentiate(logits, rows, options.temperature(), maxima);
    }

    /** The tokens seen by each row. */
    @FunctionalInterface
    interface SeenOfRow {
        SeenTokens of(int row);
    }

    private void rememberPenalties(Tensor logits, int rows, SeenOfRow seen) {
        if (penalized.length < rows) {
            penalized = new float[rows][0];
        }
        for (int row = 0; row < rows; row++) {
            SeenTokens tokens = seen.of(row);
            if (penalized[row].length < tokens.count()) {
                penalized[row] = new float[tokens.count() + 256];
            }
            for (int i = 0; i < tokens.count(); i++) {
                float logit = (float) logits.get(row, tokens.id(i));
                penalized[row][i] = penalize(logit, options.repetitionPenalty());
            }
        }
    }

    /**
     * Chooses a token of a row; {@link #chosen} and {@link #logProb} then tell which.
     *
     * @param exponentials what {@link #take} made of the logits
     * @param draw uniform in [0, 1)
     */
    void choose(Tensor exponentials, int row, SeenTokens seen, double draw) {
        double sum = maxima.sum(row);
        if (!(sum > 0) || Double.isInfinite(sum)) {
            throw new IllegalStateException(
                    "the model's logits are not finite: its weights have diverged; go back to an earlier checkpoint");
        }
        chosen = pick(exponentials, row, seen, draw, sum);
        logProb = Math.log(exponentials.get(row, chosen)) - Math.log(sum);
    }

    private int pick(Tensor exponentials, int row, SeenTokens seen, double draw, double sum) {
        boolean penalty = options.repetitionPenalty() != 1;
        if (options.greedy() && !penalty) {
            return maxima.top(row);
        }
        load(exponentials, row);
        if (penalty) {
            for (int i = 0; i < seen.count(); i++) {
                double difference = penalized[row][i] - maxima.max(row);
                weights[seen.id(i)] = (float) Math.exp(difference / options.temperature());
            }
        }
        if (options.greedy()) {
            return TokenFilter.top(weights);
        }
        return options.isUnfiltered() ? TokenFilter.firstExceeding(weights, draw * sum) : filter.draw(weights, draw);
    }

    private void load(Tensor exponentials, int row) {
        if (exponentials.type() == DataType.FLOAT) {
            exponentials.floats().get(exponentials.offset(row), weights, 0, weights.length);
        } else {
            for (int j = 0; j < weights.length; j++) {
                weights[j] = (float) exponentials.get(row, j);
            }
        }
    }

    int chosen() {
        return chosen;
    }

    /** Nats, of the chosen token under the whole distribution at the temperature. */
    double logProb() {
        return logProb;
    }
}
