package io.github.rlhf4j.ranking;

import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.PreferencePair;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.PromptCompletion;
import io.github.rlhf4j.datasets.Ranking;
import io.github.rlhf4j.datasets.RecordJson;
import io.github.rlhf4j.datasets.RowTags;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What people said as datasets, a row for each answer of each person: {@code rankings} for reward, {@code pairs} for dpo, {@code demonstrations} for sft, and the {@code prompts}. The column {@code labeler} names the person.
 *
 * <p>Of an item that a person was shown twice the first answer counts. Answers that say nothing (all ties, skipped) give no row.
 */
public final class RankingExport {
    private final RankingProject project;

    private RankingExport(RankingProject project) {
        this.project = project;
    }

    /** Of all that has been answered so far. */
    public static RankingExport of(RankingProject project) {
        return new RankingExport(project);
    }

    /** What people ranked, best rank 1, ties equal. */
    public List<Ranking> rankings() {
        List<Ranking> rankings = new ArrayList<>();
        counted(Answer.Kind.RANKED).forEach((answer, item) -> {
            List<Content> responses = item.candidates().stream()
                    .map(candidate -> item.answer(candidate.text()))
                    .toList();
            boolean isReadable = responses.stream().noneMatch(Content::isBlank)
                    && answer.ranks().stream().distinct().count() > 1;
            if (isReadable) {
                rankings.add(new Ranking(item.prompt(), responses, answer.ranks(), tags(answer, item)));
            }
        });
        return rankings;
    }

    /** All pairs of different rank. */
    public List<PreferencePair> pairs() {
        List<PreferencePair> pairs = new ArrayList<>();
        for (Ranking ranking : rankings()) {
            for (int i = 0; i < ranking.ranks().size(); i++) {
                for (int j = 0; j < ranking.ranks().size(); j++) {
                    Content better = ranking.responses().get(i);
                    Content worse = ranking.responses().get(j);
                    if (ranking.ranks().get(i) < ranking.ranks().get(j) && !better.equals(worse)) {
                        pairs.add(new PreferencePair(ranking.prompt(), better, worse, ranking.tags()));
                    }
                }
            }
        }
        return pairs;
    }

    /** What people wrote. */
    public List<PromptCompletion> demonstrations() {
        List<PromptCompletion> written = new ArrayList<>();
        counted(Answer.Kind.WRITTEN)
                .forEach((answer, item) -> written.add(
                        new PromptCompletion(item.prompt(), item.answer(answer.text()), tags(answer, item))));
        return written;
    }

    /** The prompts of all items, answered or not, each once. */
    public List<Prompt> prompts() {
        Map<String, Prompt> prompts = new LinkedHashMap<>();
        project.items()
                .forEach(item -> prompts.putIfAbsent(item.prompt().key(), new Prompt(item.prompt(), item.tags())));
        return List.copyOf(prompts.values());
    }

    private static RowTags tags(Answer answer, RankItem item) {
        return new RowTags(item.tags().id(), item.tags().useCase(), Map.of("labeler", answer.person()));
    }

    private Map<Answer, RankItem> counted(Answer.Kind kind) {
        Map<String, RankItem> items = new LinkedHashMap<>();
        project.items().forEach(item -> items.put(item.id(), item));
        Map<Answer, RankItem> counted = new LinkedHashMap<>();
        for (Answer answer : project.answers()) {
            RankItem item = items.get(answer.item());
            if (item != null && answer.kind() == kind && !answer.isRepeat()) {
                counted.put(answer, item);
            }
        }
        return counted;
    }

    /** Rows as the lines of a file. */
    public static byte[] lines(List<? extends DataRecord> rows) {
        StringBuilder text = new StringBuilder();
        rows.forEach(row -> text.append(RecordJson.toLine(row)).append('\n'));
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Writes rows to a file, which exists whole or not at all. */
    public static void write(List<? extends DataRecord> rows, Path file) {
        AtomicFiles.writeStream(file, out -> out.write(lines(rows)));
    }
}
