package io.github.rlhf4j.rollout;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.stage.ConfigGroup;

/**
 * Which tokens responses are drawn from, with the names of Hugging Face's generate.
 *
 * @param topP probability of the tokens that are kept, in (0, 1]; 1: all
 * @param topK how many tokens are kept; 0: all
 * @param minP least probability of a token that is kept, relative to the most likely one, in [0, 1); 0: all
 * @param repetitionPenalty > 0; 1: none
 */
public record SamplingFilter(double topP, int topK, double minP, double repetitionPenalty) implements ConfigGroup {
    /** All tokens, as they are. */
    public static final SamplingFilter NONE = new SamplingFilter(1, 0, 0, 1);

    public SamplingFilter {
        checkConfig(topP > 0 && topP <= 1, "top_p", topP, "must be in (0, 1]");
        checkConfig(topK >= 0, "top_k", topK, "must be >= 0; 0 keeps all");
        checkConfig(minP >= 0 && minP < 1, "min_p", minP, "must be in [0, 1)");
        checkConfig(
                repetitionPenalty > 0 && Double.isFinite(repetitionPenalty),
                "repetition_penalty",
                repetitionPenalty,
                "must be finite and > 0");
    }

    /** The options with this. */
    public SamplingOptions on(SamplingOptions options) {
        return options.withTopP(topP).withTopK(topK).withMinP(minP).withRepetitionPenalty(repetitionPenalty);
    }

    /** The key of the first value that changes anything, for messages; empty where none does. */
    public String firstGiven() {
        return topP != 1
                ? "top_p"
                : topK != 0 ? "top_k" : minP != 0 ? "min_p" : repetitionPenalty != 1 ? "repetition_penalty" : "";
    }
}
