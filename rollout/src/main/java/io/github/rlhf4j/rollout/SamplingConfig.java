package io.github.rlhf4j.rollout;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.stage.ConfigGroup;

/**
 * How responses are sampled, with the names of Hugging Face's generate.
 *
 * @param maxNewTokens longest response, tokens with the end token
 * @param temperature of sampling, > 0
 * @param topP probability of the tokens that are kept, in (0, 1]; 1: all
 * @param topK how many tokens are kept; 0: all
 * @param minP least probability of a token that is kept, relative to the most likely one, in [0, 1); 0: all
 * @param repetitionPenalty > 0; 1: none
 */
public record SamplingConfig(
        int maxNewTokens, double temperature, double topP, int topK, double minP, double repetitionPenalty)
        implements ConfigGroup {
    public SamplingConfig {
        checkConfig(maxNewTokens >= 1, "max_new_tokens", maxNewTokens, "must be >= 1");
        checkConfig(
                temperature > 0 && Double.isFinite(temperature), "temperature", temperature, "must be finite and > 0");
        checkConfig(topP > 0 && topP <= 1, "top_p", topP, "must be in (0, 1]");
        checkConfig(topK >= 0, "top_k", topK, "must be >= 0; 0 keeps all");
        checkConfig(minP >= 0 && minP < 1, "min_p", minP, "must be in [0, 1)");
        checkConfig(
                repetitionPenalty > 0 && Double.isFinite(repetitionPenalty),
                "repetition_penalty",
                repetitionPenalty,
                "must be finite and > 0");
    }

    /** From the whole distribution. */
    public static SamplingConfig of(int maxNewTokens, double temperature) {
        return new SamplingConfig(maxNewTokens, temperature, 1, 0, 0, 1);
    }

    /** As the generator takes it. */
    public SamplingOptions options(int[] stopIds) {
        return SamplingOptions.sampling(temperature, maxNewTokens, stopIds)
                .withTopP(topP)
                .withTopK(topK)
                .withMinP(minP)
                .withRepetitionPenalty(repetitionPenalty);
    }

    /** Whether responses come from the whole distribution, so that the sampler's log-probs are the model's. */
    public boolean isUnfiltered() {
        return topP == 1 && topK == 0 && minP == 0 && repetitionPenalty == 1;
    }
}
