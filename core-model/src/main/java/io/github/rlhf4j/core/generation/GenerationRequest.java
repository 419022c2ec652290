package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.CounterRandom;
import java.io.Serializable;

/**
 * A prompt to continue. Its samples share the prompt's keys and values.
 *
 * @param promptIds the prompt's tokens, BOS included where the model wants one; at least one
 * @param samples continuations wanted, >= 1
 * @param random of this request: draw number t of sample s is {@code random.derive(s).uniform(t)}, so a text depends on nothing else
 * @param stopRule what ends a continuation besides stop tokens and the length
 * @param constraint which tokens may come
 */
@SuppressWarnings("ArrayRecordComponent") // identity is all that is asked of it
public record GenerationRequest(
        int[] promptIds, int samples, CounterRandom random, StopRule stopRule, TokenConstraint constraint)
        implements Serializable {
    public GenerationRequest {
        if (promptIds.length == 0) {
            throw new IllegalArgumentException("a prompt needs at least one token");
        }
        if (samples < 1) {
            throw new IllegalArgumentException("samples must be >= 1, but is " + samples);
        }
    }

    /** A request that only stop tokens and the length end. */
    public GenerationRequest(int[] promptIds, int samples, CounterRandom random) {
        this(promptIds, samples, random, StopRule.NEVER, TokenConstraint.NONE);
    }

    /** A request that may be continued with any tokens. */
    public GenerationRequest(int[] promptIds, int samples, CounterRandom random, StopRule stopRule) {
        this(promptIds, samples, random, stopRule, TokenConstraint.NONE);
    }
}
