package io.github.rlhf4j.evaluation;

import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.datasets.SplitSpec;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import io.github.rlhf4j.datasets.tokens.CachedExamples;
import io.github.rlhf4j.datasets.tokens.ChatTemplateChoice;
import io.github.rlhf4j.datasets.tokens.ChatTemplateUse;
import io.github.rlhf4j.datasets.tokens.TokenizedPrompt;
import io.github.rlhf4j.datasets.tokens.TokenizingOptions;
import io.github.rlhf4j.datasets.training.ModelText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The prompts of an evaluation. */
final class EvaluationPrompts implements AutoCloseable {
    private final RecordSet<Prompt> rows;
    private final List<Prompt> prompts;
    private final Map<String, List<String>> findings = new LinkedHashMap<>(); // line to models

    private EvaluationPrompts(RecordSet<Prompt> rows, List<Prompt> prompts) {
        this.rows = rows;
        this.prompts = List.copyOf(prompts);
    }

    static EvaluationPrompts open(EvaluateConfig config, Datasets datasets, StageContext context) {
        DatasetSpec spec = limited(config.prompts().orElseThrow(), config.limit());
        RecordSet<Prompt> rows = datasets.open(spec, Prompt.class, context.dataSeed());
        rows.dropReport().lines(spec.path()).forEach(context::warn);
        List<Prompt> prompts = new ArrayList<>();
        for (long i = 0; i < rows.size() && config.takes(i); i++) {
            prompts.add(rows.get(i));
        }
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("path", spec.path());
        facts.put("sha256", rows.origin().sha256());
        facts.put("rows", rows.origin().rows());
        facts.put("examples", prompts.size());
        context.provenance("dataset", facts);
        return new EvaluationPrompts(rows, prompts);
    }

    /** Reads no more than is wanted, where all rows are taken; otherwise the limit counts rows after the split. */
    static DatasetSpec limited(DatasetSpec spec, int limit) {
        return limit > 0 && spec.split().equals(SplitSpec.ALL) ? spec.withLimit(Math.min(limit, spec.limit())) : spec;
    }

    List<Prompt> prompts() {
        return prompts;
    }

    int size() {
        return prompts.size();
    }

    /** A prompt as one text; of messages a line each. */
    String text(int prompt) {
        return text(prompts.get(prompt).prompt());
    }

    /** What a prompt's row was: its file and line where they are known. */
    Map<String, Object> describe(int prompt) {
        return rows.describe(prompt);
    }

    static String text(Content content) {
        if (content instanceof Content.Messages messages) {
            return messages.messages().stream()
                    .map((ChatMessage message) -> message.role() + ": " + message.content())
                    .collect(Collectors.joining("\n"));
        }
        return ((Content.Text) content).text();
    }

    /** The use case of a prompt, empty where not known. */
    String useCase(int prompt) {
        return prompts.get(prompt).tags().useCase();
    }

    /**
     * The prompts as tokens of a model; one that leaves less than max_new_tokens of the context (but at most half of it) loses its beginning.
     *
     * @param positions the model's context
     * @param model the model's name
     * @param cluster whose workers make tokens
     */
    List<int[]> tokenize(ModelText text, int positions, EvaluateConfig config, String model, Cluster cluster) {
        int room = Math.max(2, Math.max(positions - config.sampling().maxNewTokens(), positions / 2));
        ChatTemplateChoice choice = text.cache()
                .chatTemplate(
                        rows,
                        TokenizingOptions.of(room)
                                .with(ChatTemplateUse.of(config.applyChatTemplate(), ChatTemplateUse.OFF_UNASKED)));
        choice.warning().ifPresent(line -> found(line, model));
        TokenizingOptions options = choice.options();
        CachedExamples<TokenizedPrompt> tokens = text.cache().on(cluster).prompts(rows, options);
        tokens.report().lines(rows.origin().path(), options).forEach(line -> found(line, model));
        List<int[]> ids = new ArrayList<>();
        for (int prompt = 0; prompt < prompts.size(); prompt++) {
            ids.add(tokens.get(prompt).ids());
        }
        return ids;
    }

    private void found(String line, String model) {
        findings.computeIfAbsent(line, key -> new ArrayList<>()).add(model);
    }

    /** What was found while tokenising for all {@code models}: each line once, with the models that it is about where it is not all of them. */
    void warn(int models, StageContext context) {
        findings.forEach((line, names) ->
                context.warn(names.size() == models ? line : line + " (" + String.join(", ", names) + ")"));
    }

    @Override
    public void close() {
        rows.close();
    }
}
