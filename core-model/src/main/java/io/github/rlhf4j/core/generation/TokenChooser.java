package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.RowMaxima;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * From rows of logits to tokens, in Hugging Face's order: repetition penalty on the logits, temperature, then {@link TokenFilter}'s top-k, top-p and min-p; the draw is inverted through the
 * cumulative distribution in the order of the ids.
 */
final class TokenChooser {
    private final Kernels kernels;
    private final SamplingOptions options;
    private final TokenFilter filter;
    private final RowMaxima maxima = new RowMaxima(); // of the rows that are chosen from
    private final RepetitionPenalty penalty;
    private final EarlierRows whole;
    private final float[] weights; // (V)
    private final Supplier<UserError> notFinite;
    private final boolean exact;
    private float[] logits = {}; // where exact: (rows, V), as they came
    private int chosen;
    private double logProb;

    TokenChooser(Kernels kernels, SamplingOptions options, int vocabSize) {
        this(kernels, options, vocabSize, false, () -> new UserError("the model's logits are not finite"));
    }

    /**
     * @param exact whether log-probs are computed as a forward pass reports them, to the last bit, instead of in single precision
     * @param notFinite says why logits are not finite
     */
    TokenChooser(
            Kernels kernels, SamplingOptions options, int vocabSize, boolean exact, Supplier<UserError> notFinite) {
        this.exact = exact && !options.hasPenalty();
        this.notFinite = notFinite;
        this.kernels = kernels;
        this.options = options;
        this.filter = new TokenFilter(options, vocabSize);
        this.penalty = new RepetitionPenalty(options, vocabSize);
        this.whole = new EarlierRows(options, vocabSize);
        this.weights = new float[vocabSize];
    }

    /**
     * Takes in the logits of {@code rows} rows; {@link #choose} then serves any of them, several times if need be.
     *
     * @param logits (rows or more, V), overwritten
     * @param allowed what may come in each row: other tokens have probability 0 in all that follows
     */
    void take(Tensor logits, int rows, SeenOfRow seen, AllowedOfRow allowed) {
        if (options.wholeLogProbs()) {
            whole.take(logits, rows, kernels);
        }
        mask(logits, rows, allowed);
        if (options.hasPenalty()) {
            penalty.apply(logits, rows, seen, kernels);
        }
        if (exact) {
            keep(logits, rows);
        }
        kernels.exponentiate(logits, rows, options.temperature(), maxima);
    }

    private void mask(Tensor of, int rows, AllowedOfRow allowed) {
        for (int row = 0; row < rows; row++) {
            AllowedTokens tokens = allowed.of(row);
            if (tokens != null) {
                Rows.load(of, row, weights, 0);
                tokens.mask(weights, options.endingIds());
                Rows.store(weights, 0, of, row);
            }
        }
    }

    /** What may come in each row; null for anything. */
    @FunctionalInterface
    interface AllowedOfRow {
        @Nullable
        AllowedTokens of(int row);
    }

    private void keep(Tensor of, int rows) {
        if (logits.length < rows * weights.length) {
            logits = new float[rows * weights.length];
        }
        for (int row = 0; row < rows; row++) {
            Rows.load(of, row, logits, row * weights.length);
        }
    }

    /** The tokens seen by each row. */
    @FunctionalInterface
    interface SeenOfRow {
        SeenTokens of(int row);
    }

    /**
     * Chooses a token of a row; {@link #chosen} and {@link #logProb} then tell which.
     *
     * @param exponentials what {@link #take} made of the logits
     * @param draw uniform in [0, 1)
     */
    void choose(Tensor exponentials, int row, double draw) {
        double sum = maxima.sum(row);
        if (!(sum > 0) || Double.isInfinite(sum)) {
            throw notFinite.get();
        }
        chosen = pick(exponentials, row, draw, sum);
        if (options.wholeLogProbs()) {
            double of = whole.logProb(row, chosen);
            logProb = exact ? of : (float) of;
        } else {
            logProb = exact ? exactLogProb(row, sum) : (float) roundedLogProb(exponentials, row, chosen);
        }
    }

    private double roundedLogProb(Tensor exponentials, int row, int id) {
        return options.hasPenalty()
                ? penalty.logProb(row, id)
                : Math.log(exponentials.get(row, id)) - Math.log(maxima.sum(row));
    }

    /** The most likely tokens of a row, under the distribution that {@link #logProb} is of. */
    TopTokens top(Tensor exponentials, int row) {
        float floor = 0;
        if (options.wholeLogProbs()) {
            whole.load(row, weights);
            floor = Float.NEGATIVE_INFINITY;
        } else if (options.hasPenalty()) {
            penalty.load(row, weights);
            floor = Float.NEGATIVE_INFINITY;
        } else {
            Rows.load(exponentials, row, weights, 0);
        }
        int[] ids = TopTokens.largest(weights, options.topLogProbs(), floor);
        float[] logProbs = new float[ids.length];
        for (int i = 0; i < ids.length; i++) {
            logProbs[i] = (float)
                    (options.wholeLogProbs() ? whole.logProb(row, ids[i]) : roundedLogProb(exponentials, row, ids[i]));
        }
        return new TopTokens(ids, logProbs);
    }

    /** By {@link Kernels#logitStatistics}' formula. */
    private double exactLogProb(int row, double sum) {
        double difference = logits[row * weights.length + chosen] - maxima.max(row);
        return difference * (1 / options.temperature()) - Math.log(sum);
    }

    private int pick(Tensor exponentials, int row, double draw, double sum) {
        if (options.greedy()) {
            return maxima.top(row);
        }
        Rows.load(exponentials, row, weights, 0);
        return options.isUnfiltered() ? TokenFilter.firstExceeding(weights, draw * sum) : filter.draw(weights, draw);
    }

    int chosen() {
        return chosen;
    }

    /** Nats, of the chosen token under the whole distribution at the temperature. */
    double logProb() {
        return logProb;
    }
}
