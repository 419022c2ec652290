package io.github.rlhf4j.ppo;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.tokens.TokenizedPrompt;
import io.github.rlhf4j.datasets.tokens.TokenizingOptions;
import io.github.rlhf4j.datasets.training.ExampleKind;
import io.github.rlhf4j.datasets.training.ModelText;
import io.github.rlhf4j.datasets.training.TrainingData;
import io.github.rlhf4j.rollout.RewardSources;
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
        TokenizingOptions options = config.prompts().tokenizing(longest);
        Examples<TokenizedPrompt> prompts =
                data.load(prompts(config), kind(config), text.cache(), options, context, "dataset");
        Optional<Examples<List<TokenSequence>>> ptx =
                config.pretraining().ptxDataset().map(spec -> ptx(spec, config, data, text, positions, context));
        return new PpoData(prompts, ptx);
    }

    private static ExampleKind<Prompt, TokenizedPrompt> kind(PpoConfig config) {
        return RewardSources.prompts(config.scores().rewards().entries(), config.model());
    }

    /** The prompts' dataset. */
    static DatasetSpec prompts(PpoConfig config) {
        return RewardSources.dataset(config.dataset(), config.scores().rewards().entries());
    }

    /**
     * The longest prompt in tokens.
     *
     * @param positions the model's context
     * @throws io.github.rlhf4j.core.UserError when it and the response do not fit there
     */
    static int longestPrompt(PpoConfig config, int positions) {
        return config.prompts()
                .longest(positions, "response_length", config.rollouts().responseLength());
    }

    private static Examples<List<TokenSequence>> ptx(
            DatasetSpec spec,
            PpoConfig config,
            TrainingData data,
            ModelText text,
            int positions,
            StageContext context) {
        TokenizingOptions options = config.prompts().tokenizing(positions);
        return TrainingData.sequences(
                data.load(spec, ExampleKind.SEQUENCES, text.cache(), options, context, "ptx_dataset"));
    }
}
