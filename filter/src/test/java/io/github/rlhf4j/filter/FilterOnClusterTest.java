package io.github.rlhf4j.filter;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.cluster.DistributedCluster;
import io.github.rlhf4j.core.cluster.InProcessCluster;
import io.github.rlhf4j.core.cluster.ThreadsBackend;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.stage.CheckpointConfig;
import io.github.rlhf4j.core.stage.Steps;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.RecordJson;
import io.github.rlhf4j.datasets.RowTags;
import io.github.rlhf4j.datasets.TextRecord;
import io.github.rlhf4j.datasets.training.EvalDatasets;
import io.github.rlhf4j.testing.IsolatedCluster;
import io.github.rlhf4j.testing.StageHarness;
import io.github.rlhf4j.testing.StageOutput;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows are judged by workers: every rule travels, and the files are those of one process. */
class FilterOnClusterTest {
    private static final Steps SEVEN_ROWS =
            new Steps(7, 1, CheckpointConfig.every(1).keeping(1));
    private static final String[] ENGLISH = {
        "The house by the river was built by the first people of the town, and it is very old.",
        "She said that the weather of this summer was better than that of all the years before.",
        "It is not known who wrote the letter that was found in the library of the old school.",
        "They have been walking through the forest with their children for most of the day."
    };

    @TempDir
    private Path folder;

    private StageHarness harness;

    @BeforeEach
    void makeHarness() {
        harness = new StageHarness(folder, new FilterModule());
    }

    private DatasetSpec rows(String name, List<TextRecord> rows) {
        return DatasetSpec.of(harness.write(
                        name,
                        String.join("\n", rows.stream().map(RecordJson::toLine).toList()) + "\n")
                .toString());
    }

    private static TextRecord row(String text, double score, String url) {
        return new TextRecord(text, new RowTags("", "", Map.of("score", score, "url", url)));
    }

    /** Rows of which every rule takes some. */
    private DatasetSpec corpus() {
        List<TextRecord> rows = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            String good = ENGLISH[i % 4] + "\nSo it was told in the year " + (1900 + 7 * i)
                    + " by a man of the village who had seen it with his own eyes [1].\nMenu";
            rows.add(row(good, 5, "https://a.example/" + i));
            rows.add(row(i % 2 == 0 ? good : good.replace("was", "is"), 5, "https://a.example/copy"));
            rows.add(row(
                    good.replace("man", "blig"),
                    i % 5,
                    i % 3 == 0 ? "https://a.example/private" : "https://b.example/"));
        }
        rows.add(row("Das Haus am Fluss steht dort seit vielen Jahren, und niemand weiß, wer es gebaut hat.", 5, "x"));
        rows.add(row("Schlimm böse \ud83d\ude00 the grub and the that with be to of have.", 5, "x"));
        rows.add(row("The riddle of the sphinx was told to the king by the old man of the mountain once.", 5, "x"));
        rows.add(row("Buy now the cheap offer of the day that will be with you to have it all today.", 5, "x"));
        rows.add(row("The line.\nThe line.\nThe line.\nThe line.\nThe line that the man had with him to be.", 5, "x"));
        return rows("corpus.jsonl", rows);
    }

    private FilterConfig config() {
        List<TextRecord> good = new ArrayList<>();
        List<TextRecord> bad = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            good.add(row(ENGLISH[i % 4] + " In the year " + i + ".", 1, "x"));
            bad.add(row("Buy now the cheap offer number " + i + " of the day.", 1, "x"));
        }
        harness.write("bad.txt", "grub\nschlimm böse\n");
        harness.write(
                "robots.jsonl",
                "{\"domain\": \"a.example\", \"robots\": \"User-agent: CCBot\\nDisallow: /pri*e$\\nAllow: /a\"}\n");
        return FilterConfig.builder(corpus())
                .repetition(new RepetitionConfig(
                        OptionalDouble.of(0.3),
                        OptionalDouble.empty(),
                        OptionalDouble.empty(),
                        OptionalDouble.empty(),
                        Map.of("2", 0.9),
                        Map.of("5", 0.9)))
                .shape(shape())
                .c4(new C4Config(
                        Optional.of(true),
                        Optional.of(true),
                        OptionalInt.of(1),
                        OptionalInt.empty(),
                        OptionalInt.of(100),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(true)))
                .content(new ContentConfig(
                        List.of("en"),
                        OptionalDouble.of(0.01),
                        List.of("blig"),
                        Optional.of(folder.resolve("bad.txt").toString()),
                        Map.of("score", 1.0),
                        Optional.of(new RobotsConfig(
                                DatasetSpec.of(folder.resolve("robots.jsonl").toString()), "CCBot", Optional.empty())),
                        Optional.of(new EvalDatasets(Map.of(
                                "quiz",
                                rows(
                                        "quiz.jsonl",
                                        List.of(row(
                                                "The riddle of the sphinx was told to the king by the old man.",
                                                1,
                                                "x")))))),
                        OptionalInt.of(8),
                        Optional.of(new ClassifierConfig(
                                rows("good.jsonl", good), rows("bad.jsonl", bad), OptionalDouble.of(0.4)))))
                .duplicates(new DuplicatesConfig(
                        true, Optional.of(new MinHashConfig(OptionalInt.of(3), OptionalInt.of(20), OptionalInt.of(3)))))
                .groupBy("url")
                .steps(SEVEN_ROWS)
                .build();
    }

    private static ShapeConfig shape() {
        return new ShapeConfig(
                OptionalInt.of(8),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalDouble.of(2),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalInt.empty(),
                List.of());
    }

    private static Cluster threads(Kernels kernels) {
        return new DistributedCluster(kernels, new ThreadsBackend(2, 2, 2), 4, true);
    }

    private static void same(StageOutput whole, StageOutput other) {
        for (String file : List.of("data/rows.jsonl", "removed.jsonl", "samples.jsonl", "metrics.jsonl")) {
            assertThat(other.directory().resolve(file))
                    .hasSameBinaryContentAs(whole.directory().resolve(file));
        }
        assertThat(other.summary().path("removed")).isEqualTo(whole.summary().path("removed"));
    }

    @Test
    void whatWorkersSayIsWhatThisProcessSays() {
        FilterConfig config = config();
        StageOutput whole = harness.run("here", FilterStage.class, config);
        TreeSet<String> reasons = new TreeSet<>();
        whole.summary().path("removed").fieldNames().forEachRemaining(reasons::add);
        assertThat(reasons)
                .contains(
                        "bad_words",
                        "bad_words_path",
                        "decontaminate",
                        "dup_line_frac",
                        "exact_dedup",
                        "languages",
                        "min_columns.score",
                        "minhash",
                        "quality",
                        "robots");

        List<Function<Kernels, Cluster>> places =
                List.of(kernels -> new IsolatedCluster(kernels, 3), FilterOnClusterTest::threads);
        for (int i = 0; i < places.size(); i++) {
            harness.computeOn(places.get(i));
            same(whole, harness.run("there" + i, FilterStage.class, config));
        }
    }

    @Test
    void aRunThatWasKilledOnWorkersContinuesHereAndTheOtherWayRound() {
        FilterConfig config = config();
        StageOutput whole = harness.run("whole", FilterStage.class, config);
        for (int step : List.of(2, 4, 8)) {
            harness.computeOn(kernels -> new IsolatedCluster(kernels, 3));
            harness.killAfter(step, "killed" + step, FilterStage.class, config);
            harness.computeOn(InProcessCluster::new);
            same(whole, harness.resume("killed" + step, FilterStage.class, config));
            harness.killAfter(step, "back" + step, FilterStage.class, config);
            harness.computeOn(kernels -> new IsolatedCluster(kernels, 3));
            same(whole, harness.resume("back" + step, FilterStage.class, config));
        }
    }

    @Test
    void moreRowsThanWorkersAreGivenAtOnceAreJudgedInTheirOrder() {
        List<TextRecord> many = new ArrayList<>();
        for (int i = 0; i < 9_500; i++) {
            many.add(row(i % 11 == 0 ? "short" : "This is row " + i * i % 5_000 + " of all the rows.", 1, "x"));
        }
        FilterConfig config = FilterConfig.builder(rows("many.jsonl", many))
                .shape(shape())
                .duplicates(new DuplicatesConfig(true, Optional.empty()))
                .steps(new Steps(700, 1, CheckpointConfig.every(1).keeping(1)))
                .build();
        StageOutput whole = harness.run("whole", FilterStage.class, config);
        harness.computeOn(kernels -> new DistributedCluster(kernels, new ThreadsBackend(2, 1, 2), 2, true));
        same(whole, harness.run("there", FilterStage.class, config));
        harness.killAfter(8, "killed", FilterStage.class, config);
        List<String> jobs = new ArrayList<>();
        harness.computeOn(kernels -> new IsolatedCluster(kernels, 2).noting(jobs));
        same(whole, harness.resume("killed", FilterStage.class, config));
        assertThat(jobs).contains("rules").filteredOn("duplicates"::equals).hasSize(1);
    }

    @Test
    void aRowWithAnyTextTravelsAsItIsStored() {
        Verdict verdict = new Verdict(Optional.of("a\n\u2028\ud83d\ude00"), "", "", new long[] {1, -2, Long.MIN_VALUE});
        WireWriter out = new WireWriter();
        new JudgeKind().writeOutput(List.of(verdict), out);

        Verdict back = new JudgeKind().readOutput(new WireReader(out.bytes())).get(0);
        assertThat(back.text()).isEqualTo(verdict.text());
        assertThat(back.hashes()).isEqualTo(verdict.hashes());
    }
}
