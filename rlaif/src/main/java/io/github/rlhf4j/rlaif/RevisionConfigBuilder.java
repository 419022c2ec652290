package io.github.rlhf4j.rlaif;

import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.Steps;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.rollout.PromptConfig;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Sets the keys of a {@link RevisionConfig} one by one. The methods are the run file's keys, the defaults those of the defaults file. Nothing is checked before {@link #build}. */
public final class RevisionConfigBuilder {
    private final ModelReference model;
    private final DatasetSpec dataset;
    private Optional<CriticConfig> critic = Optional.empty();
    private List<Principle> constitution = List.of();
    private int numRevisions = 1;
    private OptionalInt maxCritiqueTokens = OptionalInt.empty();
    private AnswerConfig answers = AnswerConfig.DEFAULT;
    private PromptConfig prompts = PromptConfig.DEFAULT;
    private Steps steps = Steps.DEFAULT;

    RevisionConfigBuilder(ModelReference model, DatasetSpec dataset) {
        this.model = model;
        this.dataset = dataset;
    }

    /** Who criticises and revises. */
    public RevisionConfigBuilder critic(CriticConfig value) {
        critic = Optional.of(value);
        return this;
    }

    /** Principles, of which one is drawn for each revision. */
    public RevisionConfigBuilder constitution(List<Principle> value) {
        constitution = List.copyOf(value);
        return this;
    }

    /** Critiques and revisions of each answer. */
    public RevisionConfigBuilder numRevisions(int value) {
        numRevisions = value;
        return this;
    }

    /** Longest critique in tokens. */
    public RevisionConfigBuilder maxCritiqueTokens(int value) {
        maxCritiqueTokens = OptionalInt.of(value);
        return this;
    }

    /** How the model answers. */
    public RevisionConfigBuilder answers(AnswerConfig value) {
        answers = value;
        return this;
    }

    /** How prompts are read. */
    public RevisionConfigBuilder prompts(PromptConfig value) {
        prompts = value;
        return this;
    }

    /** How the stage goes through its rows. */
    public RevisionConfigBuilder steps(Steps value) {
        steps = value;
        return this;
    }

    /**
     * The config.
     *
     * @throws io.github.rlhf4j.core.stage.ConfigException naming the first key that is out of range
     */
    public RevisionConfig build() {
        return new RevisionConfig(
                model, dataset, critic, constitution, numRevisions, maxCritiqueTokens, answers, prompts, steps);
    }
}
