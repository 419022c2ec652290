package io.github.rlhf4j.ranking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgreementTest {
    @TempDir
    Path folder;

    /** Ranks what is shown as {@code ranks} says of the item's answers, in the item's own order. */
    private static void rank(RankingProject project, String person, List<Integer> ranks) {
        Showing showing = project.next(person).orElseThrow();
        project.rank(
                person,
                showing.number(),
                showing.order().stream().map(ranks::get).toList(),
                4);
    }

    @Test
    void countsPairsThatTwoPeopleOrderAlike() {
        try (RankingProject project = SomeProject.create(folder.resolve("r"), Mode.RANK, 0, 1, 3)) {
            project.join("Ann");
            project.join("Bob");
            rank(project, "Ann", List.of(1, 2, 3));
            rank(project, "Bob", List.of(2, 1, 2)); // b > a = c
            AgreementReport report = Agreement.of(project);
            // pairs: ab (Ann a, Bob b: no), ac (Ann a, Bob tie), bc (both b: yes)
            assertThat(report.pairwise().orElseThrow().value()).isEqualTo(0.5);
            assertThat(report.pairwise().orElseThrow().count()).isEqualTo(2);
            assertThat(report.pairwiseWithTies().orElseThrow().value()).isCloseTo(1 / 3.0, within(1e-12));
            assertThat(report.shared()).isEqualTo(1);
            // wins of model 1 (b): Ann loses to a, beats c; Bob beats a and c: 3 of 4
            assertThat(report.sources())
                    .extracting(AgreementReport.Source::name)
                    .containsExactly("model 0", "model 1", "model 2");
            assertThat(report.sources().get(1).wins().value()).isEqualTo(0.75);
            assertThat(report.sources().get(2).wins().value()).isEqualTo(0.125); // one tie with a, three losses
            assertThat(report.people().get(1).ties().orElseThrow().value()).isCloseTo(1 / 3.0, within(1e-12));
            assertThat(report.people().get(0).secondsPerItem()).isEqualTo(4);
        }
    }

    @Test
    void isOneWhereAllRankAlikeAndHasAnInterval() {
        try (RankingProject project = SomeProject.create(folder.resolve("r"), Mode.RANK, 0.2, 20, 4)) {
            for (String person : List.of("Ann", "Bob", "Cem")) {
                project.join(person);
                SomeProject.rankAll(project, person);
            }
            AgreementReport report = Agreement.of(project);
            assertThat(report.alpha().orElseThrow().value()).isEqualTo(1);
            assertThat(report.alpha().orElseThrow().low()).hasValue(1);
            assertThat(report.pairwise().orElseThrow().value()).isEqualTo(1);
            assertThat(report.people().get(0).repeats()).isEqualTo(4);
            assertThat(report.people().get(0).withSelf().orElseThrow().value()).isEqualTo(1);
            assertThat(report.people().get(0).answered()).isEqualTo(20);
            // all prefer the lower number wherever it is placed, so places do not matter
            Estimate first = report.firstShown().orElseThrow();
            assertThat(first.low().orElseThrow()).isLessThan(0.5);
            assertThat(first.high().orElseThrow()).isGreaterThan(0.5);
        }
    }

    @Test
    void isAroundNothingWhereOnePersonRanksByPlace() {
        try (RankingProject project = SomeProject.create(folder.resolve("r"), Mode.RANK, 0, 60, 4)) {
            project.join("Ann");
            project.join("Bob");
            for (int item = 0; item < 60; item++) {
                project.rank("Ann", item, List.of(1, 2, 3, 4), 1);
                project.rank("Bob", item, List.of(1, 2, 3, 4), 1);
            }
            AgreementReport report = Agreement.of(project);
            assertThat(report.alpha().orElseThrow().value()).isCloseTo(0, within(0.2));
            assertThat(report.firstShown().orElseThrow().value()).isEqualTo(1);
        }
    }

    @Test
    void givesEqualRanksTheirMean() {
        assertThat(Agreement.meanRanks(List.of(1, 1, 2))).containsExactly(1.5, 1.5, 3);
        assertThat(Agreement.meanRanks(List.of(2, 1, 2, 2))).containsExactly(3, 1, 3, 3);
    }

    @Test
    void saysNothingWhereNobodyAnswered() {
        try (RankingProject project = SomeProject.create(folder.resolve("r"), Mode.RANK, 0, 2, 3)) {
            AgreementReport report = Agreement.of(project);
            assertThat(report.alpha()).isEmpty();
            assertThat(report.pairwise()).isEmpty();
            assertThat(report.sources()).isEmpty();
        }
    }
}
