package io.github.rlhf4j.datasets.training;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.core.train.StageContext;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.datasets.RecordKind;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.datasets.tokens.CachedExamples;
import io.github.rlhf4j.datasets.tokens.TokenCache;
import io.github.rlhf4j.datasets.tokens.TokenizedSequence;
import io.github.rlhf4j.datasets.tokens.TokenizedWindow;
import io.github.rlhf4j.datasets.tokens.TokenizingOptions;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Opens a stage's data: rows, held-out rows, tokens, with a line for whatever was dropped or cut, and its digests in provenance.json. */
public final class TrainingData {
    private final Datasets datasets;

    @Inject
    TrainingData(Datasets datasets) {
        this.datasets = datasets;
    }

    /**
     * Examples to train on and, perhaps, to evaluate on.
     *
     * @param <T> the example
     */
    public record Split<T>(CachedExamples<T> train, Optional<CachedExamples<T>> eval) {
        /** The first {@code limit} evaluation examples; empty where there are none. */
        public List<T> evalExamples(int limit) {
            List<T> examples = new ArrayList<>();
            eval.ifPresent(some -> {
                for (long i = 0; i < Math.min(limit, some.size()); i++) {
                    examples.add(some.get(i));
                }
            });
            return examples;
        }
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

    /** Opens, splits and tokenises what a config names. */
    public <R extends DataRecord, T> Split<T> load(
            DataConfig config,
            Class<R> kind,
            TokenCache cache,
            TokenizingOptions options,
            Tokenizing<R, T> tokenizing,
            StageContext context) {
        return split(config, spec -> datasets.open(spec, kind, dataSeed(context)), cache, options, tokenizing, context);
    }

    /** As {@link #load}, for stages that take rows of several kinds. */
    public <T> Split<T> loadAny(
            DataConfig config,
            List<RecordKind> kinds,
            TokenCache cache,
            TokenizingOptions options,
            Tokenizing<DataRecord, T> tokenizing,
            StageContext context) {
        return split(
                config, spec -> datasets.open(spec, kinds, dataSeed(context)), cache, options, tokenizing, context);
    }

    /** One dataset without a part held out. */
    public <R extends DataRecord, T> CachedExamples<T> load(
            DatasetSpec spec,
            Class<R> kind,
            TokenCache cache,
            TokenizingOptions options,
            Tokenizing<R, T> tokenizing,
            StageContext context) {
        try (RecordSet<R> rows = datasets.open(spec, kind, dataSeed(context))) {
            return tokenize(rows, cache, options, tokenizing, context, "dataset");
        }
    }

    /** One dataset of any of some kinds, without a part held out. */
    public <T> CachedExamples<T> loadAny(
            DatasetSpec spec,
            List<RecordKind> kinds,
            TokenCache cache,
            TokenizingOptions options,
            Tokenizing<DataRecord, T> tokenizing,
            StageContext context,
            String role) {
        try (RecordSet<DataRecord> rows = datasets.open(spec, kinds, dataSeed(context))) {
            return tokenize(rows, cache, options, tokenizing, context, role);
        }
    }

    private interface Opening<R extends DataRecord> {
        RecordSet<R> open(DatasetSpec spec);
    }

    private static <R extends DataRecord, T> Split<T> split(
            DataConfig config,
            Opening<R> opening,
            TokenCache cache,
            TokenizingOptions options,
            Tokenizing<R, T> tokenizing,
            StageContext context) {
        try (RecordSet<R> rows = opening.open(config.dataset())) {
            if (config.evalFraction() > 0) {
                RecordSet.HoldOut<R> parts = rows.holdOut(config.evalFraction());
                return new Split<>(
                        tokenize(parts.train(), cache, options, tokenizing, context, "dataset"),
                        Optional.of(tokenize(parts.eval(), cache, options, tokenizing, context, "eval_dataset")));
            }
            CachedExamples<T> train = tokenize(rows, cache, options, tokenizing, context, "dataset");
            Optional<CachedExamples<T>> eval = config.evalDataset().map(spec -> {
                try (RecordSet<R> evalRows = opening.open(spec)) {
                    return tokenize(evalRows, cache, options, tokenizing, context, "eval_dataset");
                }
            });
            return new Split<>(train, eval);
        }
    }

    private static <R extends DataRecord, T> CachedExamples<T> tokenize(
            RecordSet<R> rows,
            TokenCache cache,
            TokenizingOptions options,
            Tokenizing<R, T> tokenizing,
            StageContext context,
            String role) {
        String path = rows.origin().path();
        rows.dropReport().lines(path).forEach(context::warn);
        CachedExamples<T> examples = tokenizing.apply(cache, rows, options);
        examples.report().lines(path, options).forEach(context::warn);
        context.note("%s: %,d examples, %,d tokens (%,d targets) of %s"
                .formatted(
                        role,
                        examples.size(),
                        examples.report().tokens(),
                        examples.report().targets(),
                        path));
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("path", path);
        facts.put("sha256", rows.origin().sha256());
        facts.put("rows", rows.origin().rows());
        facts.put("examples", examples.size());
        facts.put("tokens", examples.report().tokens());
        context.provenance(role, facts);
        return examples;
    }

    /** Data that are made up are the same in all stages of a run. */
    private static long dataSeed(StageContext context) {
        return context.dataSeed();
    }

    /** Kinds of rows that a next-token loss can learn from, the most specific first. */
    public static final List<RecordKind> SEQUENCE_KINDS =
            List.of(RecordKind.PROMPT_COMPLETION, RecordKind.CONVERSATION, RecordKind.TEXT);

    /** Tokenised sequences as the engine takes them, one an example. */
    public static Examples<List<TokenSequence>> sequences(Examples<TokenizedSequence> examples) {
        return map(examples, example -> List.of(sequence(example)));
    }

    /** Windows as the engine takes them: their documents, each a sequence of its own. */
    public static Examples<List<TokenSequence>> windows(Examples<TokenizedWindow> examples) {
        return map(examples, TrainingData::documents);
    }

    private static TokenSequence sequence(TokenizedSequence example) {
        boolean[] isTarget = example.isTarget();
        int[] targets =
                IntStream.range(0, isTarget.length).filter(i -> isTarget[i]).toArray();
        return new TokenSequence(example.ids(), targets, new int[0]);
    }

    private static List<TokenSequence> documents(TokenizedWindow window) {
        List<TokenSequence> documents = new ArrayList<>();
        for (int d = 0; d < window.documents(); d++) {
            documents.add(TokenSequence.all(
                    Arrays.copyOfRange(window.ids(), window.documentStarts()[d], window.documentEnd(d))));
        }
        return documents;
    }

    private static <S, T> Examples<T> map(Examples<S> examples, Function<S, T> function) {
        return new Examples<>() {
            @Override
            public long size() {
                return examples.size();
            }

            @Override
            public T get(long index) {
                return function.apply(examples.get(index));
            }
        };
    }
}
