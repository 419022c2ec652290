package io.github.rlhf4j.grpo;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.rollout.SamplingFilter;
import java.util.OptionalInt;

/**
 * How responses are sampled and how long they are used.
 *
 * @param numGenerations responses to each prompt, >= 2
 * @param maxCompletionLength longest response, tokens with the end token
 * @param temperature of sampling and of all log-probs, > 0
 * @param filter which tokens are drawn from; log-probs are those of all tokens, as in TRL
 * @param stepsPerGeneration optimiser steps whose prompts are answered at once, before the first of them
 * @param numIterations how often each response is learnt from
 * @param staleness generations that responses wait for before they are learnt from, >= 0
 * @param maskTruncatedCompletions whether a response that did not end is left out of the loss
 * @param numCompletionsToPrint responses of a generation in samples.jsonl; absent: all
 * @param logTokens whether they have text, log-ratio, log-prob and advantage of each token too
 */
public record GenerationConfig(
        int numGenerations,
        int maxCompletionLength,
        double temperature,
        SamplingFilter filter,
        int stepsPerGeneration,
        int numIterations,
        int staleness,
        boolean maskTruncatedCompletions,
        OptionalInt numCompletionsToPrint,
        boolean logTokens)
        implements ConfigGroup {
    /** As in grpo-defaults.yaml. */
    public static final GenerationConfig DEFAULT =
            new GenerationConfig(8, 512, 1, SamplingFilter.NONE, 1, 1, 0, false, OptionalInt.empty(), false);

    public GenerationConfig {
        checkConfig(numGenerations >= 2, "num_generations", numGenerations, "must be >= 2: a group has a mean");
        checkConfig(maxCompletionLength >= 1, "max_completion_length", maxCompletionLength, "must be >= 1");
        checkConfig(
                temperature > 0 && Double.isFinite(temperature), "temperature", temperature, "must be finite and > 0");
        checkConfig(stepsPerGeneration >= 1, "steps_per_generation", stepsPerGeneration, "must be >= 1");
        checkConfig(numIterations >= 1, "num_iterations", numIterations, "must be >= 1");
        checkConfig(staleness >= 0 && staleness <= 1000, "staleness", staleness, "must be in 0..1000");
        checkConfig(
                numCompletionsToPrint.orElse(0) >= 0,
                "num_completions_to_print",
                numCompletionsToPrint.orElse(0),
                "must be >= 0");
        checkConfig(
                !logTokens || numCompletionsToPrint.orElse(1) > 0,
                "log_tokens",
                logTokens,
                "must be false without samples: num_completions_to_print is 0");
    }

    /** Optimiser steps from one generation to the next. */
    long generateEvery() {
        return (long) stepsPerGeneration * numIterations;
    }

    /** Whether a response is learnt from when the policy is no longer the one that gave it. */
    boolean reuses() {
        return generateEvery() > 1;
    }
}
