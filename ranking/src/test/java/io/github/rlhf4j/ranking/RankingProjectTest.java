package io.github.rlhf4j.ranking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.RowTags;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RankingProjectTest {
    @TempDir
    Path parent;

    private Path folder = Path.of("");

    @BeforeEach
    void choose() {
        folder = parent.resolve("rank");
    }

    @Test
    void showsTheSameInTheSamePlacesAfterItWasClosed() {
        List<Integer> order;
        String item;
        try (RankingProject project = SomeProject.create(folder, Mode.RANK, 0, 6, 4)) {
            project.join("Ann");
            SomeProject.rankByNumber(project, "Ann");
            Showing next = project.next("Ann").orElseThrow();
            order = next.order();
            item = next.item().id();
        }
        try (RankingProject project = SomeProject.reopen(folder)) {
            Showing next = project.next("Ann").orElseThrow();
            assertThat(next.number()).isEqualTo(1);
            assertThat(next.order()).isEqualTo(order);
            assertThat(next.item().id()).isEqualTo(item);
            assertThat(project.answers("Ann").get(0).ranks()).containsExactly(1, 2, 3, 4);
        }
    }

    @Test
    void shufflesItemsAndPlacesDifferentlyForEachPerson() {
        try (RankingProject project = SomeProject.create(folder, Mode.RANK, 0, 24, 4)) {
            project.join("Ann");
            project.join("Bob");
            List<Showing> ann = SomeProject.rankAll(project, "Ann");
            List<Showing> bob = SomeProject.rankAll(project, "Bob");
            assertThat(ann)
                    .extracting(shown -> shown.item().id())
                    .doesNotHaveDuplicates()
                    .hasSize(24);
            assertThat(ann)
                    .extracting(shown -> shown.item().id())
                    .isNotEqualTo(bob.stream().map(shown -> shown.item().id()).toList());
            assertThat(ann.stream().map(Showing::order).distinct().count()).isGreaterThan(10);
            assertThat(ann.stream()
                            .map(shown -> shown.order().get(0))
                            .distinct()
                            .count())
                    .isEqualTo(4);
        }
    }

    @Test
    void showsAShareAgainInOtherPlacesAndLater() {
        try (RankingProject project = SomeProject.create(folder, Mode.RANK, 0.25, 20, 4)) {
            project.join("Ann");
            List<Showing> shown = SomeProject.rankAll(project, "Ann");
            List<Showing> again = shown.stream().filter(Showing::isRepeat).toList();
            assertThat(shown).hasSize(25);
            assertThat(again).hasSize(5);
            for (Showing repeat : again.subList(0, 4)) { // the last may come sooner, when nothing else is left
                int first = shown.indexOf(shown.stream()
                        .filter(one -> one.item().equals(repeat.item()))
                        .findFirst()
                        .orElseThrow());
                assertThat(shown.indexOf(repeat) - first).isGreaterThan(4);
            }
        }
    }

    @Test
    void keepsTiesWithoutGaps() {
        try (RankingProject project = SomeProject.create(folder, Mode.RANK, 0, 1, 3)) {
            project.join("Ann");
            Showing showing = project.next("Ann").orElseThrow();
            Answer answer = project.rank("Ann", 0, List.of(1, 3, 1), 2.5);
            assertThat(answer.ranks().get(showing.order().get(0))).isEqualTo(1);
            assertThat(answer.ranks().get(showing.order().get(1))).isEqualTo(2);
            assertThat(answer.ranks().get(showing.order().get(2))).isEqualTo(1);
            assertThat(project.next("Ann")).isEmpty();
        }
    }

    @Test
    void takesBackTheLastAnswerAndShowsItAgainAsItWasEvenAfterItWasClosed() {
        Answer last;
        try (RankingProject project = SomeProject.create(folder, Mode.RANK, 0, 3, 3)) {
            project.join("Ann");
            SomeProject.rankByNumber(project, "Ann");
            last = SomeProject.rankByNumber(project, "Ann");
            project.undo("Ann");
        }
        try (RankingProject project = SomeProject.reopen(folder)) {
            Showing showing = project.next("Ann").orElseThrow();
            assertThat(showing.item().id()).isEqualTo(last.item());
            assertThat(showing.order()).isEqualTo(last.order());
            assertThat(showing.undone()).contains(last);
            assertThat(project.answers("Ann")).hasSize(1);
            SomeProject.rankByNumber(project, "Ann");
            assertThat(project.next("Ann").orElseThrow().undone()).isEmpty();
            project.undo("Ann");
            project.undo("Ann");
            assertThatThrownBy(() -> project.undo("Ann")).isInstanceOf(UserError.class);
        }
    }

    @Test
    void savesAnAnswerThatIsSentTwiceOnceAndRefusesAnotherInItsPlace() {
        try (RankingProject project = SomeProject.create(folder, Mode.PAIR, 0, 3, 2)) {
            project.join("Ann");
            project.rank("Ann", 0, List.of(1, 2), 1);
            project.rank("Ann", 0, List.of(1, 2), 1);
            assertThat(project.answers("Ann")).hasSize(1);
            assertThatThrownBy(() -> project.rank("Ann", 0, List.of(2, 1), 1))
                    .isInstanceOf(StaleAnswer.class)
                    .hasMessageContaining("nothing was saved");
            assertThatThrownBy(() -> project.skip("Ann", 2, 1)).isInstanceOf(StaleAnswer.class);
        }
    }

    @Test
    void asksAsManyPeopleOfEachItemAsAreWanted() {
        try (RankingProject project =
                RankingProject.create(folder, RankingSettings.of(Mode.PAIR, 1, 0, 1), SomeProject.CLOCK)) {
            for (int i = 0; i < 4; i++) {
                project.add(Content.of("p" + i), List.of(Candidate.of("a", "x"), Candidate.of("b", "y")), RowTags.NONE);
            }
            project.join("Ann");
            project.join("Bob");
            project.rank("Ann", 0, List.of(1, 2), 1);
            project.skip("Ann", 1, 1);
            assertThat(SomeProject.rankAll(project, "Bob"))
                    .hasSize(3)
                    .noneMatch(shown -> shown.item()
                            .id()
                            .equals(project.answers("Ann").get(0).item()));
        }
    }

    @Test
    void cutsOffHalfALineAndNamesADamagedOne() throws IOException {
        try (RankingProject project = SomeProject.create(folder, Mode.RANK, 0, 3, 3)) {
            project.join("Ann");
            SomeProject.rankByNumber(project, "Ann");
        }
        Path answers = folder.resolve("answers.jsonl");
        Files.writeString(answers, "{\"event\":\"ranked\",\"person\":\"An", StandardOpenOption.APPEND);
        try (RankingProject project = SomeProject.reopen(folder)) {
            assertThat(project.answers("Ann")).hasSize(1);
            SomeProject.rankByNumber(project, "Ann");
        }
        try (RankingProject project = SomeProject.reopen(folder)) {
            assertThat(project.answers("Ann")).hasSize(2);
        }
        Files.writeString(answers, "nonsense\n" + Files.readString(answers));
        assertThatThrownBy(() -> SomeProject.reopen(folder))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("answers.jsonl line 1");
    }

    @Test
    void isOpenOnce() {
        try (RankingProject project = SomeProject.create(folder, Mode.RANK, 0, 1, 2)) {
            assertThat(project.people()).isEmpty();
            assertThatThrownBy(() -> SomeProject.reopen(folder))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("open already");
        }
    }

    @Test
    void takesWrittenAnswersWhereItAsksForThem() {
        try (RankingProject project = SomeProject.create(folder, Mode.DEMONSTRATE, 0, 2, 1)) {
            project.join("Ann");
            project.write("Ann", 0, "Better.\n", 9);
            assertThatThrownBy(() -> project.write("Ann", 1, " \n", 9)).isInstanceOf(UserError.class);
            assertThatThrownBy(() -> project.rank("Ann", 1, List.of(1), 9)).isInstanceOf(UserError.class);
            assertThat(project.answers()).extracting(Answer::text).containsExactly("Better.\n");
        }
    }

    @Test
    void knowsPeopleByTheirNames() {
        try (RankingProject project = SomeProject.create(folder, Mode.RANK, 0, 1, 2)) {
            assertThat(project.join("  Ann   Lee ")).isEqualTo("Ann Lee");
            assertThat(project.join("Ann Lee")).isEqualTo("Ann Lee");
            assertThat(project.people()).containsExactly("Ann Lee");
            assertThatThrownBy(() -> project.join(" ")).isInstanceOf(UserError.class);
            assertThatThrownBy(() -> project.join("a\u001b[2J")).isInstanceOf(UserError.class);
            assertThatThrownBy(() -> project.next("Bob")).isInstanceOf(UserError.class);
        }
    }
}
