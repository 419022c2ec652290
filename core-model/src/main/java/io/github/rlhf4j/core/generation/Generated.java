package io.github.rlhf4j.core.generation;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;

/**
 * One sampled continuation.
 *
 * @param request index of its request in the list that was given
 * @param sample 0 .. samples - 1
 * @param ids the new tokens, the stop token included; at least one
 * @param logProbs of each new token, nats, under the whole distribution at the temperature: what a forward pass at that temperature reports, whatever top-k, top-p, min-p and
 *     repetition penalty then left to choose from; where only some tokens may come, among those; in single precision unless the model {@link io.github.rlhf4j.core.model.Transformer#computesAsGenerated}
 * @param finishReason why it ended
 * @param top the most likely tokens at each new token's place, where they were asked for; else empty
 */
@SuppressWarnings("ArrayRecordComponent") // identity is all that is asked of it
public record Generated(
        int request, int sample, int[] ids, double[] logProbs, FinishReason finishReason, List<TopTokens> top)
        implements Serializable {
    public Generated {
        if (ids.length == 0 || ids.length != logProbs.length) {
            throw new IllegalArgumentException(ids.length + " ids with " + logProbs.length + " log-probabilities");
        }
        top = List.copyOf(top);
    }

    /** Without a report of the most likely tokens. */
    public Generated(int request, int sample, int[] ids, double[] logProbs, FinishReason finishReason) {
        this(request, sample, ids, logProbs, finishReason, List.of());
    }

    /** The same as an answer to another request. */
    public Generated ofRequest(int other) {
        return new Generated(other, sample, ids, logProbs, finishReason, top);
    }

    /** The new tokens without the stop token that ended them. */
    public int[] idsWithoutStop() {
        int length = finishReason == FinishReason.STOP ? ids.length - 1 : ids.length;
        return Arrays.copyOf(ids, length);
    }
}
