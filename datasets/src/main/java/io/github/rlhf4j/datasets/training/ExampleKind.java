package io.github.rlhf4j.datasets.training;

import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.PreferencePair;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.Ranking;
import io.github.rlhf4j.datasets.RecordKind;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.datasets.StepwiseSupervision;
import io.github.rlhf4j.datasets.TextRecord;
import io.github.rlhf4j.datasets.UnpairedPreference;
import io.github.rlhf4j.datasets.tokens.CachedExamples;
import io.github.rlhf4j.datasets.tokens.PackingStrategy;
import io.github.rlhf4j.datasets.tokens.TokenCache;
import io.github.rlhf4j.datasets.tokens.TokenizedPack;
import io.github.rlhf4j.datasets.tokens.TokenizedPair;
import io.github.rlhf4j.datasets.tokens.TokenizedPrompt;
import io.github.rlhf4j.datasets.tokens.TokenizedRanking;
import io.github.rlhf4j.datasets.tokens.TokenizedSequence;
import io.github.rlhf4j.datasets.tokens.TokenizedSteps;
import io.github.rlhf4j.datasets.tokens.TokenizedUnpaired;
import io.github.rlhf4j.datasets.tokens.TokenizedWindow;
import io.github.rlhf4j.datasets.tokens.TokenizingOptions;
import java.util.List;
import java.util.Optional;

/**
 * What a stage learns from: the rows it takes, and how they become examples.
 *
 * @param rows kinds of rows, the most specific first; a dataset of another kind is converted to the first that it can serve as
 * @param tokenizing rows to examples
 * @param <R> the row
 * @param <T> the example
 */
public record ExampleKind<R extends DataRecord, T>(List<RecordKind> rows, Tokenizing<R, T> tokenizing) {
    /** Documents in windows, for pre-training. */
    public static final ExampleKind<TextRecord, TokenizedWindow> WINDOWS =
            new ExampleKind<>(List.of(RecordKind.TEXT), TokenCache::windows);

    /** All that a next-token loss can learn from. */
    public static final ExampleKind<DataRecord, TokenizedSequence> SEQUENCES = new ExampleKind<>(
            List.of(RecordKind.PROMPT_COMPLETION, RecordKind.CONVERSATION, RecordKind.TEXT), TokenCache::sequences);

    /** The same, several sequences to an example as {@code strategy} says; empty: one. */
    public static ExampleKind<DataRecord, TokenizedPack> packs(Optional<PackingStrategy> strategy) {
        return new ExampleKind<>(SEQUENCES.rows(), (cache, rows, options) -> cache.packs(rows, options, strategy));
    }

    /** Prompts with the answers to learn. */
    public static final ExampleKind<DataRecord, TokenizedSequence> DEMONSTRATIONS =
            new ExampleKind<>(List.of(RecordKind.PROMPT_COMPLETION), TokenCache::sequences);

    /** Preference pairs. */
    public static final ExampleKind<PreferencePair, TokenizedPair> PAIRS =
            new ExampleKind<>(List.of(RecordKind.PREFERENCE), TokenCache::pairs);

    /** Responses with a label each. */
    public static final ExampleKind<UnpairedPreference, TokenizedUnpaired> UNPAIRED =
            new ExampleKind<>(List.of(RecordKind.UNPAIRED_PREFERENCE), TokenCache::unpaired);

    /** Answers in steps, each labelled; see {@link TokenCache#steps}. */
    public static ExampleKind<StepwiseSupervision, TokenizedSteps> steps(
            String separator, int longestCompletion, boolean lastStepOnly) {
        return new ExampleKind<>(
                List.of(RecordKind.STEPWISE_SUPERVISION),
                (cache, rows, options) -> cache.steps(rows, options, separator, longestCompletion, lastStepOnly));
    }

    /** Rankings; a pair is one of two. */
    public static final ExampleKind<Ranking, TokenizedRanking> RANKINGS =
            new ExampleKind<>(List.of(RecordKind.RANKING), TokenCache::rankings);

    /** Prompts to answer. */
    public static final ExampleKind<Prompt, TokenizedPrompt> PROMPTS =
            new ExampleKind<>(List.of(RecordKind.PROMPT), TokenCache::prompts);

    /** The same with their texts, for models that read other tokens. */
    public static final ExampleKind<Prompt, TokenizedPrompt> PROMPTS_WITH_TEXTS =
            new ExampleKind<>(List.of(RecordKind.PROMPT), TokenCache::promptsWithTexts);

    public ExampleKind {
        rows = List.copyOf(rows);
    }

    /**
     * How rows become examples.
     *
     * @param <R> the row
     * @param <T> the example
     */
    @FunctionalInterface
    public interface Tokenizing<R extends DataRecord, T> {
        CachedExamples<T> apply(TokenCache cache, RecordSet<R> rows, TokenizingOptions options);
    }
}
