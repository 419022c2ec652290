package io.github.rlhf4j.serve;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.Speculation;

/**
 * How much a {@link ModelServer} does at once.
 *
 * @param name of the model, as clients ask for it
 * @param maxBatch most sequences that run together
 * @param maxQueue most requests that wait for a place; more are answered with 429
 * @param maxContext most tokens of prompt and continuation; 0: the model's
 * @param cacheBytes most bytes of cached keys and values
 * @param seed of requests without a seed of their own, which are numbered
 * @param steps what is computed at once
 */
public record ServeSettings(
        String name, int maxBatch, int maxQueue, int maxContext, long cacheBytes, long seed, Steps steps) {
    /**
     * What is computed at once; texts do not depend on it.
     *
     * @param maxTokens most tokens of a step; longer prompts take several
     * @param sharesPrefixes whether equal beginnings of prompts are computed once
     * @param speculation what guesses tokens
     */
    public record Steps(int maxTokens, boolean sharesPrefixes, Speculation speculation) {
        /** 512 tokens; equal beginnings are computed once; nothing is guessed. */
        public static final Steps DEFAULT = new Steps(512, true, Speculation.NONE);

        public Steps {
            check("--max-step-tokens", maxTokens, 32, 1 << 20);
        }
    }

    /** The default steps. */
    public ServeSettings(String name, int maxBatch, int maxQueue, int maxContext, long cacheBytes, long seed) {
        this(name, maxBatch, maxQueue, maxContext, cacheBytes, seed, Steps.DEFAULT);
    }

    public ServeSettings {
        check("--max-batch", maxBatch, 1, 4096);
        check("--max-queue", maxQueue, 0, 100_000);
        check("--max-context", maxContext, 0, Integer.MAX_VALUE);
        if (name.isBlank()) {
            throw new UserError("--served-model-name must not be empty");
        }
    }

    private static void check(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new UserError(option + " must be in " + least + " .. " + most + ", but is " + value);
        }
    }
}
