package io.github.rlhf4j.rlaif;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.Steps;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.judge.LocalConfig;
import io.github.rlhf4j.rollout.PromptConfig;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The config of a stage of type {@code revise}.
 *
 * @param model answers the prompts
 * @param dataset prompts
 * @param critic who criticises and revises; absent: the model itself
 * @param constitution principles, of which one is drawn for each revision; none: those of {@link Constitution}
 * @param numRevisions critiques and revisions of each answer, one after the other, >= 1
 * @param maxCritiqueTokens longest critique in tokens; absent: 128
 * @param answers how the model answers; revisions are sampled likewise
 * @param prompts how prompts are read
 * @param steps how the stage goes through its rows
 */
public record RevisionConfig(
        ModelReference model,
        DatasetSpec dataset,
        Optional<CriticConfig> critic,
        List<Principle> constitution,
        int numRevisions,
        OptionalInt maxCritiqueTokens,
        AnswerConfig answers,
        PromptConfig prompts,
        Steps steps) {
    private static final int CRITIQUE = 128;

    public RevisionConfig {
        constitution = List.copyOf(constitution);
        checkConfig(numRevisions >= 1, "num_revisions", numRevisions, "must be >= 1");
        checkConfig(
                maxCritiqueTokens.orElse(1) >= 1, "max_critique_tokens", maxCritiqueTokens.orElse(1), "must be >= 1");
        boolean isAsked = critic.map(CriticConfig::isAsked).orElse(true);
        checkConfig(
                isAsked || constitution.isEmpty(),
                "constitution",
                constitution.size() + " principles",
                "does nothing with critic: synthetic, so must be left out");
        checkConfig(
                isAsked || maxCritiqueTokens.isEmpty(),
                "max_critique_tokens",
                maxCritiqueTokens.orElse(1),
                "does nothing with critic: synthetic, so must be left out");
    }

    /** The defaults of revise-defaults.yaml; see {@link RevisionConfigBuilder}. */
    public static RevisionConfigBuilder builder(ModelReference model, DatasetSpec prompts) {
        return new RevisionConfigBuilder(model, prompts);
    }

    /** Who criticises. */
    CriticConfig criticOrModel() {
        return critic.orElseGet(() -> CriticConfig.of(LocalConfig.of(model)));
    }

    List<Principle> principles() {
        return constitution.isEmpty() ? Constitution.DEFAULT : constitution;
    }

    int critiqueTokens() {
        return maxCritiqueTokens.orElse(CRITIQUE);
    }
}
