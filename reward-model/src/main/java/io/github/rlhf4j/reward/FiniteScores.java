package io.github.rlhf4j.reward;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.core.train.RowPlaces;
import java.util.Arrays;

/** Scores that are only looked at, not learnt from. */
final class FiniteScores {
    private FiniteScores() {}

    static boolean are(double[] scores) {
        return Arrays.stream(scores).allMatch(Double::isFinite);
    }

    /** @throws UserError naming the row, unless its scores are finite */
    static void require(double[] scores, Examples<?> rows, long index) {
        if (!are(scores)) {
            throw new UserError("the model gives the scores " + Arrays.toString(scores) + ", but they must be finite"
                    + RowPlaces.said(rows.describe(new long[] {index}), true)
                    + "; it has diverged, or cannot compute with this row: use a smaller learning_rate, or look at the row");
        }
    }
}
