package io.github.rlhf4j.datasets.training;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.tokens.ChatTemplateUse;
import io.github.rlhf4j.datasets.tokens.TokenizingOptions;
import io.github.rlhf4j.datasets.tokens.TruncationMode;
import java.util.Optional;
import java.util.Set;

/**
 * A training stage's data.
 *
 * @param dataset what to train on, all of its rows
 * @param evalDataset what to evaluate on, one dataset or several with names
 * @param evalFraction instead: the share of prompts held out of dataset, in [0, 1); 0 none
 * @param maxLength longest example in tokens, with BOS and end token; 0: the model's context
 * @param truncationMode what happens to longer ones: prompt_left, keep_start or drop
 * @param splitSpecialTokens whether the text of a special token in the data stays text
 * @param applyChatTemplate whether plain prompts go through the model's chat template
 */
public record DataConfig(
        DatasetSpec dataset,
        Optional<EvalDatasets> evalDataset,
        double evalFraction,
        int maxLength,
        TruncationMode truncationMode,
        boolean splitSpecialTokens,
        Optional<Boolean> applyChatTemplate)
        implements ConfigGroup {
    public DataConfig {
        checkConfig(evalFraction >= 0 && evalFraction < 1, "eval_fraction", evalFraction, "must be in [0, 1)");
        checkConfig(
                evalFraction == 0 || evalDataset.isEmpty(),
                "eval_fraction",
                evalFraction,
                "does nothing beside eval_dataset, so must be 0");
        checkConfig(
                maxLength == 0 || maxLength >= 2,
                "max_length",
                maxLength,
                "must be >= 2, or 0 for the model's context");
    }

    /** All of the dataset, cut as the defaults files have it; see {@link DataConfigBuilder}. */
    public static DataConfigBuilder builder(DatasetSpec dataset) {
        return new DataConfig(dataset, Optional.empty(), 0, 0, TruncationMode.PROMPT_LEFT, false).toBuilder();
    }

    /** Starts from this config. */
    public DataConfigBuilder toBuilder() {
        return new DataConfigBuilder(this);
    }

    /** As usual: plain prompts stay plain. */
    public DataConfig(
            DatasetSpec dataset,
            Optional<EvalDatasets> evalDataset,
            double evalFraction,
            int maxLength,
            TruncationMode truncationMode,
            boolean splitSpecialTokens) {
        this(dataset, evalDataset, evalFraction, maxLength, truncationMode, splitSpecialTokens, Optional.empty());
    }

    /** The same with another dataset. */
    public DataConfig with(DatasetSpec other) {
        return new DataConfig(
                other, evalDataset, evalFraction, maxLength, truncationMode, splitSpecialTokens, applyChatTemplate);
    }

    /** The names of the sets to evaluate on, "" for one alone; empty where there is none. */
    public Set<String> evalNames() {
        return evalDataset.map(sets -> sets.byName().keySet()).orElse(evalFraction > 0 ? Set.of("") : Set.of());
    }

    /**
     * Checks that sequences of max_length fit a model.
     *
     * @param context the most positions the model has
     */
    void checkFits(int context) {
        checkConfig(
                maxLength <= context,
                "max_length",
                maxLength,
                "must be at most the model's context of " + context + " tokens");
    }

    /**
     * How rows become tokens for a model.
     *
     * @param context the most positions the model has
     */
    public TokenizingOptions tokenizing(int context, boolean completionOnlyLoss, boolean assistantOnlyLoss) {
        checkFits(context);
        int length = maxLength == 0 ? context : maxLength;
        return new TokenizingOptions(
                length,
                truncationMode,
                splitSpecialTokens,
                completionOnlyLoss,
                assistantOnlyLoss,
                ChatTemplateUse.of(applyChatTemplate, ChatTemplateUse.OFF_UNASKED));
    }
}
