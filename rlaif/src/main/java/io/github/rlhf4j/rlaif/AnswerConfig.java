package io.github.rlhf4j.rlaif;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.stage.ConfigGroup;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * How a model answers prompts.
 *
 * @param maxNewTokens longest answer, the end token included; absent: 64
 * @param temperature > 0; absent: 1
 * @param topP in (0, 1]; absent: 1
 */
public record AnswerConfig(OptionalInt maxNewTokens, OptionalDouble temperature, OptionalDouble topP)
        implements ConfigGroup {
    /** All by default. */
    public static final AnswerConfig DEFAULT =
            new AnswerConfig(OptionalInt.empty(), OptionalDouble.empty(), OptionalDouble.empty());

    private static final int TOKENS = 64;

    public AnswerConfig {
        checkConfig(maxNewTokens.orElse(1) >= 1, "max_new_tokens", maxNewTokens.orElse(1), "must be >= 1");
        double hot = temperature.orElse(1);
        checkConfig(hot > 0 && Double.isFinite(hot), "temperature", hot, "must be finite and > 0");
        double share = topP.orElse(1);
        checkConfig(share > 0 && share <= 1, "top_p", share, "must be in (0, 1]");
    }

    /** So many tokens at most. */
    public static AnswerConfig of(int maxNewTokens) {
        return new AnswerConfig(OptionalInt.of(maxNewTokens), OptionalDouble.empty(), OptionalDouble.empty());
    }

    /** With so many tokens at most. */
    AnswerConfig ofTokens(int most) {
        return new AnswerConfig(OptionalInt.of(most), temperature, topP);
    }

    int tokens() {
        return maxNewTokens.orElse(TOKENS);
    }

    double hotness() {
        return temperature.orElse(1);
    }

    SamplingOptions sampling(int[] stopIds) {
        return SamplingOptions.sampling(hotness(), tokens(), stopIds).withTopP(topP.orElse(1));
    }
}
