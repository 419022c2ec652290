package io.github.rlhf4j.core.generation;

import java.io.Serializable;
import java.util.Arrays;

/**
 * One sampled continuation.
 *
 * @param request index of its request in the list that was given
 * @param sample 0 .. samples - 1
 * @param ids the new tokens, the stop token included; at least one
 * @param logProbs of each new token, nats, under the whole distribution at the temperature: what a forward pass at that temperature reports, whatever top-k, top-p, min-p and
 *     repetition penalty then left to choose from; in single precision unless the model {@link io.github.rlhf4j.core.model.Transformer#computesAsGenerated}
 * @param finishReason why it ended
 */
@SuppressWarnings("ArrayRecordComponent") // identity is all that is asked of it
public record Generated(int request, int sample, int[] ids, double[] logProbs, FinishReason finishReason)
        implements Serializable {
    public Generated {
        if (ids.length == 0 || ids.length != logProbs.length) {
            throw new IllegalArgumentException(ids.length + " ids with " + logProbs.length + " log-probabilities");
        }
    }

    /** The same as an answer to another request. */
    public Generated ofRequest(int other) {
        return new Generated(other, sample, ids, logProbs, finishReason);
    }

    /** The new tokens without the stop token that ended them. */
    public int[] idsWithoutStop() {
        int length = finishReason == FinishReason.STOP ? ids.length - 1 : ids.length;
        return Arrays.copyOf(ids, length);
    }
}
