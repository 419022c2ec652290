package io.github.rlhf4j.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.inject.AbstractModule;
import com.google.inject.Guice;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.datasets.DatasetsModule;
import io.github.rlhf4j.datasets.PreferencePair;
import io.github.rlhf4j.datasets.Ranking;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.datasets.SplitSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JudgedDatasetTest {
    private static final int ROWS = 100;

    @TempDir
    Path folder;

    private final Datasets datasets = Guice.createInjector(
                    new DatasetsModule(), new JudgeModule(), new AbstractModule() {
                        @Override
                        protected void configure() {
                            JudgeBinder.judgeBinder(binder()).bind("shortest", ShortestJudge.class);
                            JudgeBinder.judgeBinder(binder()).bind("fallible", FallibleJudge.class);
                            JudgeBinder.judgeBinder(binder()).bind("hanging", HangingJudge.class);
                        }
                    })
            .getInstance(Datasets.class);

    /** Prefers the shorter text and remembers which one it saw first. */
    static final class ShortestJudge implements Judge {
        private static final List<String> SEEN_FIRST = new ArrayList<>();

        @Override
        public List<List<Integer>> rank(List<Question> questions) {
            return questions.stream().map(this::rank).toList();
        }

        private List<Integer> rank(Question question) {
            SEEN_FIRST.add(question.responses().get(0));
            return question.responses().stream()
                    .map(own -> 1
                            + (int) question.responses().stream()
                                    .filter(other -> other.length() < own.length())
                                    .count())
                    .toList();
        }
    }

    /** Has no ranks for one question. */
    static final class FallibleJudge implements Judge {
        @Override
        public List<List<Integer>> rank(List<Question> questions) {
            return questions.stream()
                    .map(question -> question.prompt().equals("Say 7.") ? List.of(1) : List.of(1, 2))
                    .toList();
        }
    }

    /** Comes to no end with one question. */
    static final class HangingJudge implements Judge {
        @Override
        public List<List<Integer>> rank(List<Question> questions) {
            if (questions.stream().anyMatch(question -> question.prompt().equals("Say 70."))) {
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException("interrupted", e);
                }
            }
            return questions.stream().map(question -> List.of(1, 2)).toList();
        }
    }

    @BeforeEach
    void writePairs() throws IOException {
        System.setProperty(
                JudgeAnswers.FOLDER_PROPERTY, folder.resolve("judgements").toString());
        ShortestJudge.SEEN_FIRST.clear();
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            rows.add("{\"prompt\": \"Say %d.\", \"chosen\": \"It is perhaps %d\", \"rejected\": \"It is %d\"}"
                    .formatted(i, i, i));
        }
        rows.add("{\"prompt\": \"Say so.\", \"chosen\": \"yes\", \"rejected\": \"not\"}");
        Files.write(folder.resolve("pairs.jsonl"), rows);
    }

    @AfterEach
    void useTheUsersFolderAgain() {
        System.clearProperty(JudgeAnswers.FOLDER_PROPERTY);
    }

    private DatasetSpec judged(String name) {
        return DatasetSpec.of("judged:" + name + ":" + folder.resolve("pairs.jsonl"));
    }

    @Test
    void replacesTheLabelsOfTheDataAndLeavesOutTies() {
        try (RecordSet<PreferencePair> pairs = datasets.open(judged("shortest"), PreferencePair.class, 7)) {
            assertThat(pairs.size()).isEqualTo(ROWS);
            assertThat(pairs.get(3).chosen()).isEqualTo(Content.of("It is 3"));
            assertThat(pairs.get(3).rejected()).isEqualTo(Content.of("It is perhaps 3"));
        }
    }

    @Test
    void showsTheResponsesInAnOrderThatDoesNotTellTheLabels() {
        datasets.open(judged("shortest"), Ranking.class, 7).close();

        assertThat(ShortestJudge.SEEN_FIRST.stream().filter(text -> text.contains("perhaps")))
                .hasSizeBetween(ROWS / 4, ROWS * 3 / 4);
    }

    @Test
    void aWrongAnswerNamesFileAndLineOfItsRow() {
        assertThatThrownBy(() -> datasets.open(judged("fallible"), Ranking.class, 7))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("judge fallible must give 2 responses as many ranks")
                .hasMessageEndingWith("; from " + folder.resolve("pairs.jsonl") + ":8");
    }

    @Test
    @Timeout(60)
    void aJudgeThatHangsIsLeftAfterItsTimeout() {
        assertThatThrownBy(() -> datasets.open(judged("hanging/timeout=0.2"), Ranking.class, 7))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith(
                        "judge hanging failed on 37 questions: took longer than its timeout of 0.2 s; its earlier answers are kept in ")
                .hasMessageContaining("; its rows are " + folder.resolve("pairs.jsonl") + ":65");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "timeout=0",
                "timeout=-1",
                "timeout=NaN",
                "timeout=86401",
                "timeout=",
                "timeout=1/x",
                "seconds=5",
                ""
            })
    void whatFollowsAJudgesNameIsATimeout(String option) {
        assertThatThrownBy(() -> datasets.open(judged("shortest/" + option), Ranking.class, 7))
                .isInstanceOf(UserError.class)
                .hasMessage("dataset judged:shortest/" + option
                        + ": after the judge's name must be nothing or /timeout=SECONDS, > 0 and at most 86400");
    }

    @Test
    void aTimeoutChangesNoRow() {
        try (RecordSet<Ranking> plain = datasets.open(judged("shortest"), Ranking.class, 7);
                RecordSet<Ranking> limited = datasets.open(judged("shortest/timeout=60"), Ranking.class, 7)) {
            assertThat(limited.origin().contentHash()).isEqualTo(plain.origin().contentHash());
        }
    }

    @Test
    void givesTheSameRowsAgain() {
        try (RecordSet<Ranking> first = datasets.open(judged("shortest"), Ranking.class, 7);
                RecordSet<Ranking> second = datasets.open(judged("shortest"), Ranking.class, 7)) {
            assertThat(second.origin().contentHash()).isEqualTo(first.origin().contentHash());
        }
    }

    @Test
    void asksNoQuestionTwice() {
        datasets.open(judged("shortest"), Ranking.class, 7).close();
        int asked = ShortestJudge.SEEN_FIRST.size();
        datasets.open(judged("shortest"), PreferencePair.class, 7).close(); // a later stage
        try (RecordSet<Ranking> rows = datasets.open(judged("shortest"), Ranking.class, 8)) { // another run
            assertThat(rows.size()).isEqualTo(ROWS);
        }

        assertThat(asked).isEqualTo(ROWS + 1);
        assertThat(ShortestJudge.SEEN_FIRST).hasSize(asked);
    }

    @Test
    void asksAboutNoRowOutsideTheSplitAndTheLimit() {
        DatasetSpec half = new DatasetSpec(
                "judged:shortest:" + folder.resolve("pairs.jsonl"),
                "",
                SplitSpec.of("train", Map.of("train", 0.5, "test", 0.5)),
                80,
                Map.of());
        try (RecordSet<Ranking> rows = datasets.open(half, Ranking.class, 7)) {
            assertThat(rows.size()).isBetween(20L, 60L);
            assertThat(ShortestJudge.SEEN_FIRST).hasSize((int) rows.size());
        }
    }

    @Test
    void namesTheJudgesThatThereAre() {
        assertThatThrownBy(() -> datasets.open(judged("longest"), Ranking.class, 7))
                .isInstanceOf(UserError.class)
                .hasMessage("unknown judge longest; available: fallible, hanging, shortest");
        assertThatThrownBy(() -> datasets.open(DatasetSpec.of("judged:shortest"), Ranking.class, 7))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("must name a judge and a dataset");
    }
}
