package io.github.rlhf4j.ppo;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.KeptColumns;
import io.github.rlhf4j.datasets.tokens.ChatTemplateUse;
import io.github.rlhf4j.datasets.tokens.TokenizedPrompt;
import io.github.rlhf4j.datasets.tokens.TokenizingOptions;
import io.github.rlhf4j.datasets.tokens.TruncationMode;
import io.github.rlhf4j.datasets.training.ExampleKind;
import io.github.rlhf4j.datasets.training.ModelText;
import io.github.rlhf4j.datasets.training.TrainingData;
import java.util.List;
import java.util.Optional;

/**
 * What a PPO stage reads.
 *
 * @param prompts to answer
 * @param ptx examples of the pre-training loss
 */
record PpoData(Examples<TokenizedPrompt> prompts, Optional<Examples<List<TokenSequence>>> ptx) {
    static PpoData load(PpoConfig config, TrainingData data, ModelText text, PpoModels models, StageContext context) {
        int positions = models.policy().config().maxPositions();
        int longest = longestPrompt(config, positions);
        TokenizingOptions options = new TokenizingOptions(
                longest,
                TruncationMode.PROMPT_LEFT,
                config.prompts().splitSpecialTokens(),
                true,
                false,
                chatTemplate(config));
        Examples<TokenizedPrompt> prompts =
                data.load(prompts(config), ExampleKind.PROMPTS, text.cache(), options, context, "dataset");
        Optional<Examples<List<TokenSequence>>> ptx =
                config.pretraining().ptxDataset().map(spec -> ptx(spec, config, data, text, positions, context));
        return new PpoData(prompts, ptx);
    }

    /** The prompts' dataset: a reward function sees all columns, as in TRL, where {@code keep} does not say which. */
    static DatasetSpec prompts(PpoConfig config) {
        DatasetSpec dataset = config.dataset();
        if (config.scores().rewardFunction().isEmpty()) {
            dataset.requireNoneKept();
            return dataset;
        }
        return dataset.keep().isSaid() ? dataset : dataset.keeping(KeptColumns.ALL);
    }

    /**
     * The longest prompt in tokens.
     *
     * @param positions the model's context
     * @throws UserError when it and the response do not fit there
     */
    static int longestPrompt(PpoConfig config, int positions) {
        int room = positions - config.rollouts().responseLength();
        if (room < 2 || config.prompts().maxPromptLength() > room) {
            throw new UserError("response_length " + config.rollouts().responseLength() + " and max_prompt_length "
                    + config.prompts().maxPromptLength() + " must fit the model's context of " + positions + " tokens");
        }
        return config.prompts().maxPromptLength() == 0 ? room : config.prompts().maxPromptLength();
    }

    private static ChatTemplateUse chatTemplate(PpoConfig config) {
        return ChatTemplateUse.of(config.prompts().applyChatTemplate(), ChatTemplateUse.OFF_UNASKED);
    }

    private static Examples<List<TokenSequence>> ptx(
            DatasetSpec spec,
            PpoConfig config,
            TrainingData data,
            ModelText text,
            int positions,
            StageContext context) {
        TokenizingOptions options = new TokenizingOptions(
                positions,
                TruncationMode.PROMPT_LEFT,
                config.prompts().splitSpecialTokens(),
                true,
                false,
                chatTemplate(config));
        return TrainingData.sequences(
                data.load(spec, ExampleKind.SEQUENCES, text.cache(), options, context, "ptx_dataset"));
    }
}
