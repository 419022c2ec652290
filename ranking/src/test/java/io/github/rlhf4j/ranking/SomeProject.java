package io.github.rlhf4j.ranking;

import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.RowTags;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Projects for tests: prompts p1, p2, ... whose answer number i is the text "pN answer i" of source "model i". */
final class SomeProject {
    static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-27T18:00:00Z"), ZoneOffset.UTC);

    private SomeProject() {}

    static RankingProject create(Path folder, Mode mode, double repeats, int items, int answers) {
        RankingProject project = RankingProject.create(folder, RankingSettings.of(mode, 7, repeats, 0), CLOCK);
        for (int item = 1; item <= items; item++) {
            String prompt = "p" + item;
            List<Candidate> candidates = IntStream.range(0, answers)
                    .mapToObj(i -> Candidate.of(prompt + " answer " + i, "model " + i))
                    .toList();
            project.add(Content.of(prompt), candidates, RowTags.NONE);
        }
        return project;
    }

    static RankingProject reopen(Path folder) {
        return RankingProject.open(folder, CLOCK);
    }

    /** Ranks what is shown by the number of the answer, the lowest best. */
    static Answer rankByNumber(RankingProject project, String person) {
        Showing showing = project.next(person).orElseThrow();
        List<Integer> ranks = showing.order().stream().map(index -> index + 1).toList();
        return project.rank(person, showing.number(), ranks, 3);
    }

    /** What a person is shown until nothing is left, each ranked by number. */
    static List<Showing> rankAll(RankingProject project, String person) {
        List<Showing> shown = new ArrayList<>();
        while (project.next(person).isPresent()) {
            shown.add(project.next(person).get());
            rankByNumber(project, person);
        }
        return shown;
    }
}
