package io.github.rlhf4j.ranking;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.datasets.PreferencePair;
import io.github.rlhf4j.datasets.PromptCompletion;
import io.github.rlhf4j.datasets.Ranking;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.datasets.RowTags;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RankingExportTest {
    @TempDir
    Path folder;

    private <T extends DataRecord> List<T> read(List<? extends DataRecord> rows, Class<T> kind) {
        Path file = folder.resolve("rows.jsonl");
        RankingExport.write(rows, file);
        List<T> found = new ArrayList<>();
        try (RecordSet<T> set = Datasets.ofFiles().open(DatasetSpec.of(file.toString()), kind, 0)) {
            set.forEach(found::add);
        }
        return found;
    }

    @Test
    void writesRankingsThatTheRewardStageReads() {
        try (RankingProject project = SomeProject.create(folder.resolve("r"), Mode.RANK, 0.5, 4, 3)) {
            project.join("Ann");
            SomeProject.rankAll(project, "Ann");
            project.join("Bob");
            project.rank("Bob", 0, List.of(1, 1, 1), 1); // says nothing
            project.skip("Bob", 1, 1);
            List<Ranking> rankings = read(RankingExport.of(project).rankings(), Ranking.class);
            assertThat(rankings).hasSize(4); // repeats left out
            assertThat(rankings.get(0).ranks()).containsExactly(1, 2, 3);
            assertThat(((Content.Text) rankings.get(0).responses().get(2)).text())
                    .endsWith("answer 2");
            assertThat(RankingExport.lines(RankingExport.of(project).rankings()))
                    .asString(StandardCharsets.UTF_8)
                    .contains("\"labeler\":\"Ann\"");
        }
    }

    @Test
    void writesPairsOfDifferentRank() {
        try (RankingProject project = SomeProject.create(folder.resolve("r"), Mode.RANK, 0, 1, 3)) {
            project.join("Ann");
            Showing showing = project.next("Ann").orElseThrow();
            project.rank(
                    "Ann",
                    0,
                    showing.order().stream().map(index -> index == 1 ? 1 : 2).toList(),
                    1);
            List<PreferencePair> pairs = read(RankingExport.of(project).pairs(), PreferencePair.class);
            assertThat(pairs)
                    .extracting(pair -> ((Content.Text) pair.chosen()).text())
                    .containsExactly("p1 answer 1", "p1 answer 1");
            assertThat(pairs)
                    .extracting(pair -> ((Content.Text) pair.rejected()).text())
                    .containsExactly("p1 answer 0", "p1 answer 2");
        }
    }

    @Test
    void answersMessagesWithAMessage() {
        try (RankingProject project = RankingProject.create(
                folder.resolve("r"), RankingSettings.of(Mode.DEMONSTRATE, 0, 0, 0), SomeProject.CLOCK)) {
            Content asked = Content.of(List.of(new ChatMessage("system", "Be short."), new ChatMessage("user", "Hi")));
            project.add(asked, List.of(Candidate.of("Hello", "m")), new RowTags("row-7", ""));
            project.join("Ann");
            project.write("Ann", 0, "Hey.", 1);
            List<PromptCompletion> written = read(RankingExport.of(project).demonstrations(), PromptCompletion.class);
            assertThat(written.get(0).completion())
                    .isEqualTo(Content.of(List.of(new ChatMessage("assistant", "Hey."))));
            assertThat(written.get(0).prompt()).isEqualTo(asked);
            assertThat(written.get(0).tags().id()).isEqualTo("row-7");
            assertThat(RankingExport.of(project).prompts()).hasSize(1);
        }
    }
}
