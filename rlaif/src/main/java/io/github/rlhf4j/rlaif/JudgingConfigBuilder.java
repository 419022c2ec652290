package io.github.rlhf4j.rlaif;

import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.Steps;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.judge.JudgeConfig;
import io.github.rlhf4j.rollout.PromptConfig;
import java.util.Optional;
import java.util.OptionalInt;

/** Sets the keys of a {@link JudgingConfig} one by one. The methods are the run file's keys, the defaults those of the defaults file. Nothing is checked before {@link #build}. */
public final class JudgingConfigBuilder {
    private final Optional<ModelReference> model;
    private final DatasetSpec dataset;
    private final JudgeConfig judge;
    private Optional<DatasetSpec> evalDataset = Optional.empty();
    private OptionalInt numGenerations = OptionalInt.empty();
    private double minConfidence = 0.5;
    private AnswerConfig answers = AnswerConfig.DEFAULT;
    private PromptConfig prompts = PromptConfig.DEFAULT;
    private Steps steps = Steps.DEFAULT;

    JudgingConfigBuilder(Optional<ModelReference> model, DatasetSpec dataset, JudgeConfig judge) {
        this.model = model;
        this.dataset = dataset;
        this.judge = judge;
    }

    /** Labels that the judge is held against. */
    public JudgingConfigBuilder evalDataset(DatasetSpec value) {
        evalDataset = Optional.of(value);
        return this;
    }

    /** Answers to each prompt. */
    public JudgingConfigBuilder numGenerations(int value) {
        numGenerations = OptionalInt.of(value);
        return this;
    }

    /** The least probability of the better response of a pair. */
    public JudgingConfigBuilder minConfidence(double value) {
        minConfidence = value;
        return this;
    }

    /** How the model answers. */
    public JudgingConfigBuilder answers(AnswerConfig value) {
        answers = value;
        return this;
    }

    /** How prompts are read. */
    public JudgingConfigBuilder prompts(PromptConfig value) {
        prompts = value;
        return this;
    }

    /** How the stage goes through its rows. */
    public JudgingConfigBuilder steps(Steps value) {
        steps = value;
        return this;
    }

    /**
     * The config.
     *
     * @throws io.github.rlhf4j.core.stage.ConfigException naming the first key that is out of range
     */
    public JudgingConfig build() {
        return new JudgingConfig(
                model, dataset, evalDataset, judge, numGenerations, minConfidence, answers, prompts, steps);
    }
}
