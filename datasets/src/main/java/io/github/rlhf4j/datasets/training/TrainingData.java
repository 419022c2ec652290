package io.github.rlhf4j.datasets.training;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.stage.ModelOutline;
import io.github.rlhf4j.core.stage.Progress;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.datasets.PreferencePair;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.RecordKind;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.datasets.tokens.CachedExamples;
import io.github.rlhf4j.datasets.tokens.ChatEncoder;
import io.github.rlhf4j.datasets.tokens.ChatTemplateChoice;
import io.github.rlhf4j.datasets.tokens.TokenCache;
import io.github.rlhf4j.datasets.tokens.TokenizedPack;
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
import java.util.function.UnaryOperator;
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
     * @param eval by the names of {@link EvalDatasets}; those of eval_fraction have the name ""
     * @param <T> the example
     */
    public record Split<T>(CachedExamples<T> train, Map<String, CachedExamples<T>> eval) {
        /** Something of each set of evaluation examples, by its name and in the same order. */
        public <R> Map<String, R> eachEval(Function<? super CachedExamples<T>, ? extends R> function) {
            Map<String, R> results = new LinkedHashMap<>();
            eval.forEach((name, examples) -> results.put(name, function.apply(examples)));
            return results;
        }
    }

    /**
     * Looks at what a config names before the run starts, as {@link Datasets#check} does.
     *
     * @param model that learns from it, as far as it is known
     * @throws UserError naming the dataset that is missing, malformed, empty, of a kind that cannot serve or not for this model, or max_length beyond the model's context
     */
    public Datasets.Look check(DataConfig config, ExampleKind<?, ?> kind, Optional<ModelOutline> model) {
        model.ifPresent(known -> config.checkFits(known.context()));
        Datasets.Look look = check(config.dataset(), kind, model, config.evalFraction());
        config.evalDataset().ifPresent(sets -> sets.byName().values().forEach(spec -> check(spec, kind, model)));
        boolean needsTemplate = config.applyChatTemplate().orElse(false);
        if (needsTemplate && (look.kind() == RecordKind.TEXT || look.kind() == RecordKind.CONVERSATION)) {
            throw new UserError("apply_chat_template is for rows with a prompt; it does nothing for the rows of "
                    + config.dataset().path() + ", of type " + look.kind().configName() + ", so must be left out");
        }
        if (needsTemplate && model.isPresent() && !model.get().hasChatTemplate()) {
            throw new UserError(ChatTemplateChoice.NO_TEMPLATE);
        }
        return look;
    }

    /** As the other, for one dataset. */
    public Datasets.Look check(DatasetSpec spec, ExampleKind<?, ?> kind, Optional<ModelOutline> model) {
        return check(spec, kind, model, 0);
    }

    private Datasets.Look check(
            DatasetSpec spec, ExampleKind<?, ?> kind, Optional<ModelOutline> model, double evalFraction) {
        if (!kind.equals(ExampleKind.PROMPTS)) {
            spec.requireNoneKept();
        }
        Datasets.Look look = datasets.check(spec, kind.rows(), evalFraction);
        if (look.isConversational() && model.isPresent() && !model.get().hasChatTemplate()) {
            throw new UserError("dataset " + spec.path() + ": " + ChatEncoder.NO_TEMPLATE);
        }
        return look;
    }

    /** Opens, splits and tokenises what a config names. */
    public <R extends DataRecord, T> Split<T> load(
            DataConfig config,
            ExampleKind<R, T> kind,
            TokenCache cache,
            TokenizingOptions options,
            StageContext context) {
        return load(config, kind, kind, cache, options, context);
    }

    /** As the other, with evaluation data that become examples in another way. */
    public <R extends DataRecord, T> Split<T> load(
            DataConfig config,
            ExampleKind<R, T> train,
            ExampleKind<R, T> eval,
            TokenCache cache,
            TokenizingOptions options,
            StageContext context) {
        try (RecordSet<R> rows = open(config.dataset(), train, context)) {
            TokenizingOptions decided = chatTemplate(rows, cache, options, context);
            DataCheck check = new DataCheck(context);
            context.selfCheck("end tokens", true, cache.endTokens());
            if (config.evalFraction() > 0) {
                RecordSet.HoldOut<R> parts = rows.holdOut(config.evalFraction());
                CachedExamples<T> trained = tokenize(parts.train(), train, cache, decided, context, "dataset", check);
                CachedExamples<T> heldOut =
                        tokenize(parts.eval(), eval, cache, decided, context, "eval_dataset", check);
                double held = config.evalFraction();
                trained.describeBy(described(
                        config.dataset(), train, all -> all.holdOut(held).train(), context));
                heldOut.describeBy(described(
                        config.dataset(), eval, all -> all.holdOut(held).eval(), context));
                return new Split<>(trained, Map.of("", heldOut));
            }
            CachedExamples<T> examples = tokenize(rows, train, cache, decided, context, "dataset", check);
            examples.describeBy(described(config.dataset(), train, UnaryOperator.identity(), context));
            Map<String, CachedExamples<T>> heldOut = new LinkedHashMap<>();
            config.evalDataset()
                    .ifPresent(sets -> sets.byName().forEach((name, spec) -> {
                        String role = name.isEmpty() ? "eval_dataset" : "eval_dataset." + name;
                        try (RecordSet<R> others = open(spec, eval, context)) {
                            heldOut.put(name, tokenize(others, eval, cache, decided, context, role, check));
                        }
                        heldOut.get(name).describeBy(described(spec, eval, UnaryOperator.identity(), context));
                        check.compare(role, heldOut.get(name), examples);
                    }));
            return new Split<>(examples, heldOut);
        }
    }

    /**
     * One dataset without a part held out.
     *
     * @param role the stage's key, for the line about it and for provenance
     */
    public <R extends DataRecord, T> CachedExamples<T> load(
            DatasetSpec spec,
            ExampleKind<R, T> kind,
            TokenCache cache,
            TokenizingOptions options,
            StageContext context,
            String role) {
        try (RecordSet<R> rows = open(spec, kind, context)) {
            CachedExamples<T> examples = tokenize(
                    rows,
                    kind,
                    cache,
                    chatTemplate(rows, cache, options, context),
                    context,
                    role,
                    new DataCheck(context));
            examples.describeBy(described(spec, kind, UnaryOperator.identity(), context));
            return examples;
        }
    }

    /** Reads the data once more to say what some rows are: they are asked for where something has gone wrong. */
    private Function<long[], List<Map<String, Object>>> described(
            DatasetSpec spec, ExampleKind<?, ?> kind, UnaryOperator<RecordSet<DataRecord>> part, StageContext context) {
        return wanted -> {
            try (RecordSet<DataRecord> all = datasets.open(spec, kind.rows(), context.dataSeed())) {
                RecordSet<DataRecord> rows = part.apply(all);
                return Arrays.stream(wanted).mapToObj(rows::describe).toList();
            }
        };
    }

    /** The prompts of a dataset as its rows have them, beside the examples that are made of them: {@link CachedExamples#sourceRow} says which is whose. */
    public RecordSet<Prompt> prompts(DatasetSpec spec, StageContext context) {
        return open(spec, ExampleKind.PROMPTS, context);
    }

    /** The options with ON or OFF for the chat template. */
    private static TokenizingOptions chatTemplate(
            RecordSet<?> rows, TokenCache cache, TokenizingOptions options, StageContext context) {
        ChatTemplateChoice choice = cache.chatTemplate(rows, options);
        choice.note().ifPresent(context::note);
        choice.warning().ifPresent(context::warn);
        return choice.options();
    }

    @SuppressWarnings("unchecked") // the kinds of an ExampleKind<R, T> are those of R
    private <R extends DataRecord> RecordSet<R> open(DatasetSpec spec, ExampleKind<R, ?> kind, StageContext context) {
        try (Progress progress = context.progress("reading " + spec.path(), 0, "rows")) {
            return (RecordSet<R>) datasets.open(spec, kind.rows(), context.dataSeed(), progress, context.cluster());
        }
    }

    private static <R extends DataRecord, T> CachedExamples<T> tokenize(
            RecordSet<R> rows,
            ExampleKind<R, T> kind,
            TokenCache cache,
            TokenizingOptions options,
            StageContext context,
            String role,
            DataCheck check) {
        String path = rows.origin().path();
        rows.dropReport().lines(path).forEach(context::warn);
        CachedExamples<T> examples;
        try (Progress progress = context.progress("tokenizing " + path, rows.size(), "rows")) {
            examples = kind.tokenizing()
                    .apply(cache.on(context.cluster()), rows.observed(() -> progress.advance(1)), options);
        }
        examples.report().lines(path, options).forEach(context::warn);
        if (rows.get(0) instanceof PreferencePair pair && pair.margin().isPresent()) {
            context.warn(path + ": the column \"margin\" has no effect here; reward models take it");
        }
        context.note("%s: %,d examples, %,d tokens (%,d targets) of %s"
                .formatted(
                        role,
                        examples.size(),
                        examples.report().tokens(),
                        examples.report().targets(),
                        path));
        check.add(role, examples, kind.equals(ExampleKind.WINDOWS));
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("path", path);
        facts.put("sha256", rows.origin().sha256());
        facts.put("rows", rows.origin().rows());
        facts.put("examples", examples.size());
        facts.put("tokens", examples.report().tokens());
        context.provenance(role, facts);
        return examples;
    }

    /** Tokenised sequences as the engine takes them, one an example. */
    public static Examples<List<TokenSequence>> sequences(Examples<TokenizedSequence> examples) {
        return examples.map(example -> List.of(sequence(example)));
    }

    /** Packs as the engine takes them: their sequences. */
    public static Examples<List<TokenSequence>> packs(Examples<TokenizedPack> examples) {
        return examples.<List<TokenSequence>>map(pack ->
                        pack.sequences().stream().map(TrainingData::sequence).toList())
                .asPacks();
    }

    /** Windows as the engine takes them: their documents, each a sequence of its own. */
    public static Examples<List<TokenSequence>> windows(Examples<TokenizedWindow> examples) {
        return examples.<List<TokenSequence>>map(TrainingData::documents).asPacks();
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
}
