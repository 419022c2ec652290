package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.model.ModelConfig;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

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

    /**
     * Most new tokens of a sample, which ends where the model's context is full.
     *
     * @param where how messages name the prompt
     * @throws UserError where the prompt does not fit the model
     */
    int mostNew(ModelConfig config, SamplingOptions options, String where) {
        config.checkFits(promptIds, where);
        int room = config.maxPositions() - promptIds.length;
        if (room == 0) {
            throw new UserError(where + " has " + promptIds.length + " tokens and fills the model's context of "
                    + config.maxPositions() + ", so nothing can follow it: shorten it");
        }
        return Math.min(room, options.maxNewTokens());
    }

    /** Where a new sample is; null where any token may come. */
    TokenConstraint.@Nullable Cursor cursor(boolean hasEnd, int mostNew) {
        return constraint == TokenConstraint.NONE ? null : constraint.begin(hasEnd, mostNew);
    }
}
