package io.github.rlhf4j.evaluation;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.core.stage.StructuredOutputsConfig;
import java.util.Optional;

/**
 * How answers are drawn.
 *
 * @param maxNewTokens most tokens of an answer, the end token included, >= 1
 * @param greedy always the most likely token
 * @param temperature of sampling, and of the log-probs behind KL, finite and >= 0; 0 is greedy
 * @param topP keeps the smallest set of most likely tokens whose probability reaches it, in (0, 1]; 1: all
 * @param topK keeps the k most likely tokens, >= 0; 0: all
 * @param minP keeps the tokens at least this many times as likely as the most likely, in [0, 1); 0: all
 * @param numSamples answers to each prompt, >= 1; they are averaged before prompts are counted
 * @param structuredOutputs what answers are held to; absent: nothing
 */
public record AnswerSampling(
        int maxNewTokens,
        boolean greedy,
        double temperature,
        double topP,
        int topK,
        double minP,
        int numSamples,
        Optional<StructuredOutputsConfig> structuredOutputs)
        implements ConfigGroup {
    public AnswerSampling {
        checkConfig(maxNewTokens >= 1, "max_new_tokens", maxNewTokens, "must be >= 1");
        checkConfig(
                temperature >= 0 && Double.isFinite(temperature),
                "temperature",
                temperature,
                "must be finite and >= 0 (0: greedy)");
        checkConfig(topP > 0 && topP <= 1, "top_p", topP, "must be in (0, 1]");
        checkConfig(topK >= 0, "top_k", topK, "must be >= 0 (0: all)");
        checkConfig(minP >= 0 && minP < 1, "min_p", minP, "must be in [0, 1)");
        checkConfig(numSamples >= 1, "num_samples", numSamples, "must be >= 1");
        if (greedy || temperature == 0) {
            checkConfig(
                    temperature == 0 || temperature == 1,
                    "temperature",
                    temperature,
                    "must be 1 or 0 with greedy answers, on which it has no effect");
            checkConfig(topP == 1, "top_p", topP, "must be 1 with greedy answers, on which it has no effect");
            checkConfig(topK == 0, "top_k", topK, "must be 0 with greedy answers, on which it has no effect");
            checkConfig(minP == 0, "min_p", minP, "must be 0 with greedy answers, on which it has no effect");
            checkConfig(
                    numSamples == 1,
                    "num_samples",
                    numSamples,
                    "must be 1 with greedy answers, which are all the same");
        }
    }

    /** Answers of any kind. */
    public AnswerSampling(
            int maxNewTokens, boolean greedy, double temperature, double topP, int topK, double minP, int numSamples) {
        this(maxNewTokens, greedy, temperature, topP, topK, minP, numSamples, Optional.empty());
    }

    /** Whether the most likely token is always taken. */
    boolean isGreedy() {
        return greedy || temperature == 0;
    }

    /** Whether answers come from the model's whole distribution, so that the mean of {@code kl} estimates KL. */
    boolean isWholeDistribution() {
        return structuredOutputs.isEmpty() && !isGreedy() && topP == 1 && topK == 0 && minP == 0;
    }

    /** The temperature of the log-probs behind {@code kl}. */
    double logProbTemperature() {
        return isGreedy() ? 1 : temperature;
    }

    /** The same for the sampler. */
    SamplingOptions options(int[] stopIds) {
        return isGreedy()
                ? SamplingOptions.greedy(maxNewTokens, stopIds)
                : SamplingOptions.sampling(temperature, maxNewTokens, stopIds)
                        .withTopP(topP)
                        .withTopK(topK)
                        .withMinP(minP);
    }
}
