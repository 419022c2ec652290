package io.github.rlhf4j.ppo;

import io.github.rlhf4j.core.math.RunningStatistics;
import io.github.rlhf4j.core.model.TokenSequence;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * What the policy learns from one response: all that is fixed before the updates. The arrays are not copied; nobody changes them.
 *
 * @param sequence prompt and response, whose targets are the response's tokens
 * @param oldLogProbs log-probability of each token that a ratio of 1 means, nats
 * @param advantages advantage of each token, as many
 * @param oldValues value at each position that has a return; as many as tokens, or one more where the score is after the end; none without a value model
 * @param returns what the value model is to predict at those positions
 * @param importance weight of each token in the policy's loss; empty: 1
 */
@SuppressWarnings("ArrayRecordComponent")
public record Experience(
        TokenSequence sequence,
        double[] oldLogProbs,
        double[] advantages,
        double[] oldValues,
        double[] returns,
        double[] importance) {
    public Experience {
        if (oldLogProbs.length == 0
                || oldLogProbs.length != sequence.targets().length
                || oldLogProbs.length != advantages.length
                || oldValues.length != returns.length) {
            throw new IllegalArgumentException(
                    "a response needs a token, and a log-prob, an advantage and a return for each, but has "
                            + sequence.targets().length + " tokens, " + oldLogProbs.length + " log-probs, "
                            + advantages.length + " advantages, " + oldValues.length + " values, " + returns.length
                            + " returns");
        }
    }

    /** One all of whose tokens weigh the same. */
    public Experience(
            TokenSequence sequence, double[] oldLogProbs, double[] advantages, double[] oldValues, double[] returns) {
        this(sequence, oldLogProbs, advantages, oldValues, returns, new double[0]);
    }

    /** The weight of a token in the policy's loss. */
    double importance(int token) {
        return importance.length == 0 ? 1 : importance[token];
    }

    /** The number of tokens. */
    public int tokens() {
        return oldLogProbs.length;
    }

    /** The number of positions with a value; 0 where there is no value model. */
    public int positions() {
        return oldValues.length;
    }

    /** {@code 1 - var(returns - values) / var(returns)}: 1 is perfect, 0 no better than a constant; not a number where all returns are the same. */
    static double explainedVariance(List<Experience> experience) {
        double[] returns = all(experience, Experience::returns);
        double[] values = all(experience, Experience::oldValues);
        double[] errors = new double[returns.length];
        Arrays.setAll(errors, i -> returns[i] - values[i]);
        double variance = RunningStatistics.of(returns).variance();
        return variance > 0 ? 1 - RunningStatistics.of(errors).variance() / variance : Double.NaN;
    }

    private static double[] all(List<Experience> experience, Function<Experience, double[]> numbers) {
        return experience.stream()
                .flatMapToDouble(response -> Arrays.stream(numbers.apply(response)))
                .toArray();
    }
}
