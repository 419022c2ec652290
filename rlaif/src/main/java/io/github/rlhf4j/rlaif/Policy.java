package io.github.rlhf4j.rlaif;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.datasets.tokens.CachedExamples;
import io.github.rlhf4j.datasets.tokens.ChatTemplateChoice;
import io.github.rlhf4j.datasets.tokens.TokenizedPrompt;
import io.github.rlhf4j.datasets.tokens.TokenizingOptions;
import io.github.rlhf4j.datasets.training.ModelText;
import io.github.rlhf4j.rollout.PromptConfig;
import io.github.rlhf4j.rollout.Rollout;
import io.github.rlhf4j.rollout.RolloutEngine;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A model that answers the prompts of a dataset, and notes how long its answers are. Owns model, tokenizer and rows. */
final class Policy implements AutoCloseable {
    private final ModelText text;
    private final Transformer model;
    private final SharedModel shared;
    private final RecordSet<Prompt> rows;
    private final CachedExamples<TokenizedPrompt> tokens;
    private final RolloutEngine engine;
    private final CounterRandom random;
    private final Tally tally;

    private Policy(
            ModelText text,
            Transformer model,
            SharedModel shared,
            RecordSet<Prompt> rows,
            CachedExamples<TokenizedPrompt> tokens,
            RolloutEngine engine,
            CounterRandom random,
            Tally tally) {
        this.text = text;
        this.model = model;
        this.shared = shared;
        this.rows = rows;
        this.tokens = tokens;
        this.engine = engine;
        this.random = random;
        this.tally = tally;
    }

    /**
     * Opens it.
     *
     * @param samples answers to each prompt
     */
    static Policy open(
            ModelReference reference,
            DatasetSpec dataset,
            PromptConfig prompts,
            AnswerConfig answers,
            int samples,
            Datasets datasets,
            Tally tally,
            StageContext context) {
        ModelText text = ModelText.open(reference.directory(), context.cacheDirectory());
        Transformer model = reference.load(Set.of(Head.LANGUAGE), context.kernels());
        RecordSet<Prompt> rows = datasets.open(dataset, Prompt.class, context.dataSeed());
        rows.dropReport().lines(dataset.path()).forEach(context::warn);
        int longest = prompts.longest(model.config().maxPositions(), "max_new_tokens", answers.tokens());
        CachedExamples<TokenizedPrompt> tokens = tokens(text, rows, prompts.tokenizing(longest), context);
        SharedModel shared = context.cluster().share("policy", model);
        RolloutEngine engine = new RolloutEngine(
                shared,
                text.tokenizer(),
                answers.sampling(text.tokenizer().stopIds()),
                samples,
                prompts.structuredOutputs());
        return new Policy(
                text, model, shared, rows, tokens, engine, context.random().derive("answers"), tally);
    }

    private static CachedExamples<TokenizedPrompt> tokens(
            ModelText text, RecordSet<Prompt> rows, TokenizingOptions given, StageContext context) {
        ChatTemplateChoice choice = text.cache().chatTemplate(rows, given);
        choice.warning().ifPresent(context::warn);
        CachedExamples<TokenizedPrompt> tokens =
                text.cache().on(context.cluster()).prompts(rows, choice.options());
        String path = rows.origin().path();
        tokens.report().lines(path, choice.options()).forEach(context::warn);
        if (tokens.size() != rows.size()) {
            throw new IllegalStateException(rows.size() + " prompts, but " + tokens.size() + " as tokens");
        }
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("path", path);
        facts.put("sha256", rows.origin().sha256());
        facts.put("rows", rows.origin().rows());
        facts.put("examples", rows.size());
        context.provenance("dataset", facts);
        return tokens;
    }

    long prompts() {
        return rows.size();
    }

    Prompt prompt(long row) {
        return rows.get(row);
    }

    /** What a prompt's row was: its file and line where they are known. */
    Map<String, Object> describe(long row) {
        return rows.describe(row);
    }

    /** Answers to the prompts of some rows, by row, then by sample. */
    List<List<Rollout>> answers(long first, long end) {
        List<TokenizedPrompt> asked = new ArrayList<>();
        for (long row = first; row < end; row++) {
            asked.add(tokens.get(row));
        }
        List<List<Rollout>> answers = engine.sample(asked, random.derive(first));
        answers.stream().flatMap(List::stream).forEach(answer -> {
            tally.add("completions/mean_length", answer.tokens());
            tally.add("completions/ended", answer.ended());
        });
        return answers;
    }

    @Override
    public void close() {
        rows.close();
        shared.close();
        model.close();
        text.close();
    }
}
