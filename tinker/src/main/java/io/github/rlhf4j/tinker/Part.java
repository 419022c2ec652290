package io.github.rlhf4j.tinker;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.TokenSequence;
import java.util.Arrays;

/**
 * One target at each position of a datum, and what became of it: all of a datum that has one target a position, one of several else.
 *
 * @param sequence the model's input, with the targets that are wanted
 * @param rows the positions of these
 * @param logProbs of all positions; 0 where nothing is wanted
 */
@SuppressWarnings("ArrayRecordComponent") // identity is all that is asked of it
record Part(Datum datum, int column, TokenSequence sequence, int[] rows, float[] logProbs) {
    private static final int[] NONE = {};

    /** The targets of a column; those below 0 are none. */
    static Part of(Datum datum, int column, ModelConfig model, String where) {
        TensorValue targets = datum.targets();
        int length = datum.tokens().length;
        if (targets.rows() != length || length == 0) {
            throw new UserError(where + " has " + length + " tokens, but " + targets.rows() + " target_tokens");
        }
        model.checkFits(datum.tokens(), where);
        int[] rows = new int[length];
        int[] tokens = new int[length];
        int[] ids = Arrays.copyOf(datum.tokens(), length + 1);
        int count = 0;
        boolean isShifted = true;
        for (int row = 0; row < length; row++) {
            double target = targets.at(row, column);
            if (target >= 0) {
                if (target >= model.vocabSize() || target != Math.rint(target)) {
                    throw new UserError(where + ": the target " + target + " is outside the model's vocabulary of "
                            + model.vocabSize());
                }
                rows[count] = row;
                tokens[count] = (int) target;
                if (row == length - 1) {
                    ids[length] = tokens[count];
                }
                isShifted &= ids[row + 1] == tokens[count];
                count++;
            }
        }
        int[] at = Arrays.copyOf(rows, count);
        int[] places = Arrays.stream(at).map(row -> row + 1).toArray();
        TokenSequence plain = new TokenSequence(ids, places, NONE);
        return new Part(
                datum,
                column,
                isShifted ? plain : plain.withTargetIds(Arrays.copyOf(tokens, count)),
                at,
                new float[length]);
    }
}
