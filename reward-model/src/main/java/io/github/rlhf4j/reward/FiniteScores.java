package io.github.rlhf4j.reward;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.core.train.RowPlaces;
import java.util.Arrays;

/** Scores that are only looked at, not learnt from, and may be no numbers. */
public final class FiniteScores {
    private FiniteScores() {}

    /** 0 where both are no numbers: which row that is, the step says. */
    public static double distance(double one, double other) {
        return Double.compare(one, other) == 0 ? 0 : Math.abs(one - other);
    }

    /** Without its sign; 0 where it is no number. */
    public static double size(double score) {
        return Double.isNaN(score) ? 0 : Math.abs(score);
    }

    /** Whether all are. */
    public static boolean are(double[] scores) {
        return Arrays.stream(scores).allMatch(Double::isFinite);
    }

    /**
     * @param what of those that are measured
     * @throws UserError unless some of them have finite scores
     */
    public static void requireSome(boolean some, String what) {
        if (!some) {
            throw new UserError("the model gives finite scores to no " + what
                    + " of those that are measured: it has diverged; use a smaller learning_rate");
        }
    }

    /** @throws UserError naming the row, unless its scores are finite */
    static void require(double[] scores, Examples<?> rows, long index) {
        if (!are(scores)) {
            throw new UserError(
                    "the model gives the scores " + Arrays.toString(scores) + ", but they must be finite"
                            + RowPlaces.said(rows.describe(new long[] {index}), true)
                            + "; it has diverged, or cannot compute with this row: use a smaller learning_rate, or look at the row");
        }
    }
}
