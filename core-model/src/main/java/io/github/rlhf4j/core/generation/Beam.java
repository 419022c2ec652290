package io.github.rlhf4j.core.generation;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A text on its way in a {@link BeamSearch}.
 *
 * @param ids its new tokens
 * @param logProbs of each
 * @param sum of them
 * @param cursor what it is held to, after its last token; null for nothing
 * @param parent the beam of the last step that it continues
 */
@SuppressWarnings("ArrayRecordComponent")
record Beam(int[] ids, double[] logProbs, double sum, TokenConstraint.@Nullable Cursor cursor, int parent) {
    static Beam empty(TokenConstraint.@Nullable Cursor cursor) {
        return new Beam(new int[0], new double[0], 0, cursor, 0);
    }

    /** One token longer. */
    Beam with(int id, double logProb, boolean isStop, int from) {
        int[] longer = Arrays.copyOf(ids, ids.length + 1);
        double[] more = Arrays.copyOf(logProbs, logProbs.length + 1);
        longer[ids.length] = id;
        more[ids.length] = logProb;
        TokenConstraint.Cursor then = cursor == null ? null : cursor.copy();
        if (then != null && !isStop) {
            then.advance(id);
        }
        return new Beam(longer, more, sum + logProb, then, from);
    }

    int lastId() {
        return ids[ids.length - 1];
    }

    int length() {
        return ids.length;
    }
}
