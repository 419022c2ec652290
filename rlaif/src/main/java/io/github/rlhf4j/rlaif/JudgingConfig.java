package io.github.rlhf4j.rlaif;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.Steps;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.judge.JudgeConfig;
import io.github.rlhf4j.rollout.PromptConfig;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The config of a stage of type {@code judge}.
 *
 * @param model answers the prompts; absent: the responses of the dataset are judged
 * @param dataset prompts; without a model rankings or pairs, whose labels are not shown
 * @param evalDataset rankings or pairs with labels that the judge is held against; absent: without a model those of the dataset
 * @param judge who judges
 * @param numGenerations answers to each prompt, >= 2; absent: 2. Two become a pair, more a ranking
 * @param minConfidence pairs are left out of which the judge gives the better response a smaller probability, in [0.5, 1]
 * @param answers how the model answers
 * @param prompts how prompts are read
 * @param steps how the stage goes through its rows
 */
public record JudgingConfig(
        Optional<ModelReference> model,
        DatasetSpec dataset,
        Optional<DatasetSpec> evalDataset,
        JudgeConfig judge,
        OptionalInt numGenerations,
        double minConfidence,
        AnswerConfig answers,
        PromptConfig prompts,
        Steps steps) {
    private static final double LEAST = 0.5;

    public JudgingConfig {
        String needs = "does nothing without a model that answers, so must be left out";
        checkConfig(numGenerations.orElse(2) >= 2, "num_generations", numGenerations.orElse(2), "must be >= 2");
        checkConfig(
                minConfidence >= LEAST && minConfidence <= 1, "min_confidence", minConfidence, "must be in [0.5, 1]");
        checkConfig(
                numGenerations.orElse(2) == 2 || minConfidence == LEAST,
                "min_confidence",
                minConfidence,
                "is of pairs, so must be 0.5 with more than two num_generations");
        checkConfig(model.isPresent() || numGenerations.isEmpty(), "num_generations", numGenerations.orElse(2), needs);
        checkConfig(
                model.isPresent() || answers.maxNewTokens().isEmpty(),
                "max_new_tokens",
                answers.maxNewTokens().orElse(1),
                needs);
        checkConfig(
                model.isPresent() || answers.temperature().isEmpty(),
                "temperature",
                answers.temperature().orElse(1),
                needs);
        checkConfig(
                model.isPresent() || answers.topP().isEmpty(),
                "top_p",
                answers.topP().orElse(1),
                needs);
        checkConfig(
                model.isPresent() || prompts.maxPromptLength() == 0,
                "max_prompt_length",
                prompts.maxPromptLength(),
                "does nothing without a model that answers, so must be 0");
        checkConfig(
                model.isPresent() || !prompts.splitSpecialTokens(),
                "split_special_tokens",
                true,
                "does nothing without a model that answers, so must be false");
        checkConfig(
                model.isPresent() || prompts.applyChatTemplate().isEmpty(),
                "apply_chat_template",
                prompts.applyChatTemplate().orElse(false),
                needs);
    }

    /** A model answers prompts; the defaults of judge-defaults.yaml, see {@link JudgingConfigBuilder}. */
    public static JudgingConfigBuilder builder(ModelReference model, DatasetSpec prompts, JudgeConfig judge) {
        return new JudgingConfigBuilder(Optional.of(model), prompts, judge);
    }

    /** The responses of rankings or pairs are judged. */
    public static JudgingConfigBuilder ofResponses(DatasetSpec rankings, JudgeConfig judge) {
        return new JudgingConfigBuilder(Optional.empty(), rankings, judge);
    }

    int samples() {
        return numGenerations.orElse(2);
    }

    /** Whether rows are pairs; otherwise rankings. */
    boolean makesPairs() {
        return model.isPresent() && samples() == 2;
    }

    /** Labels that the judge is held against. */
    Optional<DatasetSpec> labels() {
        return evalDataset.or(() -> model.isPresent() ? Optional.empty() : Optional.of(dataset));
    }
}
