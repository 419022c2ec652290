package io.github.rlhf4j.core.generation;

import java.io.Serializable;
import java.util.Arrays;

/**
 * The most likely tokens at a place in a text, the most likely first; equally likely ones by their ids. Those of probability 0 are left out.
 *
 * @param ids of the tokens
 * @param logProbs of each, nats, under the distribution that the chosen token's is of
 */
@SuppressWarnings("ArrayRecordComponent") // identity is all that is asked of it
public record TopTokens(int[] ids, float[] logProbs) implements Serializable {
    /** The {@code count} largest of {@code weights} that are above {@code floor}. */
    static int[] largest(float[] weights, int count, float floor) {
        int[] ids = new int[Math.min(count, weights.length)];
        int found = 0;
        for (int id = 0; id < weights.length; id++) {
            float weight = weights[id];
            if (!(weight > floor) || found == ids.length && weight <= weights[ids[found - 1]]) {
                continue;
            }
            int place = found < ids.length ? found++ : found - 1;
            while (place > 0 && weights[ids[place - 1]] < weight) {
                ids[place] = ids[place - 1];
                place--;
            }
            ids[place] = id;
        }
        return Arrays.copyOf(ids, found);
    }
}
