package io.github.rlhf4j.rollout;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.core.tensor.WeightType;

/**
 * How responses are sampled, with the names of Hugging Face's generate.
 *
 * @param maxNewTokens longest response, tokens with the end token
 * @param temperature of sampling, > 0
 * @param topP probability of the tokens that are kept, in (0, 1]; 1: all
 * @param topK how many tokens are kept; 0: all
 * @param minP least probability of a token that is kept, relative to the most likely one, in [0, 1); 0: all
 * @param repetitionPenalty > 0; 1: none
 * @param rolloutWeights what the sampler multiplies by; training and scoring do by the weights themselves
 */
public record SamplingConfig(
        int maxNewTokens,
        double temperature,
        double topP,
        int topK,
        double minP,
        double repetitionPenalty,
        WeightType rolloutWeights)
        implements ConfigGroup {
    public SamplingConfig {
        checkConfig(maxNewTokens >= 1, "max_new_tokens", maxNewTokens, "must be >= 1");
        checkConfig(
                temperature > 0 && Double.isFinite(temperature), "temperature", temperature, "must be finite and > 0");
        filter(topP, topK, minP, repetitionPenalty);
    }

    /** From the whole distribution, with the weights as they are. */
    public static SamplingConfig of(int maxNewTokens, double temperature) {
        return new SamplingConfig(maxNewTokens, temperature, 1, 0, 0, 1, WeightType.FLOAT32);
    }

    /** The same with a sampler whose weights are held in that form. */
    public SamplingConfig withRolloutWeights(WeightType weights) {
        return new SamplingConfig(maxNewTokens, temperature, topP, topK, minP, repetitionPenalty, weights);
    }

    /** Whether the sampler's weights are rounded, so that it is another policy than the one that is trained. */
    public boolean isRounded() {
        return rolloutWeights.isCompact();
    }

    /** As the generator takes it. */
    public SamplingOptions options(int[] stopIds) {
        return filter(topP, topK, minP, repetitionPenalty)
                .on(SamplingOptions.sampling(temperature, maxNewTokens, stopIds));
    }

    private static SamplingFilter filter(double topP, int topK, double minP, double repetitionPenalty) {
        return new SamplingFilter(topP, topK, minP, repetitionPenalty);
    }
}
