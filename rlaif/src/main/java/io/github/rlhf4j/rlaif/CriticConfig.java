package io.github.rlhf4j.rlaif;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.judge.LocalConfig;
import io.github.rlhf4j.judge.OpenAiConfig;
import io.github.rlhf4j.judge.SyntheticConfig;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Who criticises and revises answers.
 *
 * @param openai a model behind an OpenAI-compatible server
 * @param local a model of ours
 * @param synthetic somebody who knows the truth of the synthetic world, and overlooks what is wrong at a known rate
 */
public record CriticConfig(
        Optional<OpenAiConfig> openai, Optional<LocalConfig> local, Optional<SyntheticConfig> synthetic) {
    public CriticConfig {
        long given =
                Stream.of(openai, local, synthetic).filter(Optional::isPresent).count();
        checkConfig(given == 1, "openai", given + " kinds", "must be given, or local or synthetic: one of them");
        synthetic.ifPresent(truth -> checkConfig(
                truth.positionBias().isEmpty(),
                "synthetic.position_bias",
                truth.positionBias().orElse(0),
                "is for judges, so must be left out"));
    }

    /** A model behind a server. */
    public static CriticConfig of(OpenAiConfig openai) {
        return new CriticConfig(Optional.of(openai), Optional.empty(), Optional.empty());
    }

    /** A model of ours. */
    public static CriticConfig of(LocalConfig local) {
        return new CriticConfig(Optional.empty(), Optional.of(local), Optional.empty());
    }

    /** The synthetic world's truth. */
    public static CriticConfig of(SyntheticConfig synthetic) {
        return new CriticConfig(Optional.empty(), Optional.empty(), Optional.of(synthetic));
    }

    /** Whether it is asked in words, by the principles of a constitution. */
    boolean isAsked() {
        return synthetic.isEmpty();
    }
}
