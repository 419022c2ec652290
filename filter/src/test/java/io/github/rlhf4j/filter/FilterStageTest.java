package io.github.rlhf4j.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.CheckpointConfig;
import io.github.rlhf4j.core.stage.Steps;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.DatasetRequest;
import io.github.rlhf4j.datasets.DatasetSource;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.DatasetsModule;
import io.github.rlhf4j.datasets.RecordKind;
import io.github.rlhf4j.datasets.RowTags;
import io.github.rlhf4j.datasets.TextRecord;
import io.github.rlhf4j.datasets.training.EvalDatasets;
import io.github.rlhf4j.testing.StageHarness;
import io.github.rlhf4j.testing.StageOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole stage. */
class FilterStageTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Steps FIVE_ROWS =
            new Steps(5, 1, CheckpointConfig.every(1).keeping(1));

    @TempDir
    private Path folder;

    private StageHarness harness;

    @BeforeEach
    void makeHarness() {
        harness = new StageHarness(folder, new FilterModule());
    }

    private DatasetSpec rows(String name, List<Map<String, Object>> rows) {
        return DatasetSpec.of(
                harness.write(name, rows.stream().map(FilterStageTest::json).collect(Collectors.joining("\n")) + "\n")
                        .toString());
    }

    private static String json(Map<String, Object> row) {
        try {
            return MAPPER.writeValueAsString(row);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, Object> row(String text, String source) {
        return Map.of("text", text, "source", source);
    }

    private static String text(int number) {
        return IntStream.range(0, 30)
                .mapToObj(i -> "w" + (number * 31 + i * i) % 997)
                .collect(Collectors.joining(" "));
    }

    /** 23 rows: of every text a near duplicate, sometimes an exact one, and some short ones. */
    private DatasetSpec corpus() {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            rows.add(row(text(i), i % 2 == 0 ? "news" : "shop"));
            rows.add(row(i % 3 == 0 ? text(i) : "And " + text(i), "copy"));
            if (i % 4 != 3) {
                rows.add(row("short " + i, "shop"));
            }
        }
        rows.add(row("And then " + text(2), "copy"));
        return rows("corpus.jsonl", rows);
    }

    private static ShapeConfig leastWords(int words) {
        return new ShapeConfig(
                OptionalInt.of(words),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalInt.empty(),
                List.of());
    }

    private FilterConfigBuilder config() {
        return FilterConfig.builder(corpus())
                .shape(leastWords(20))
                .duplicates(new DuplicatesConfig(
                        true, Optional.of(new MinHashConfig(OptionalInt.of(3), OptionalInt.of(20), OptionalInt.of(3)))))
                .groupBy("source")
                .steps(FIVE_ROWS);
    }

    private static List<JsonNode> lines(StageOutput output, String file) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(output.directory().resolve(file))) {
            lines.add(MAPPER.readTree(line));
        }
        return lines;
    }

    private static List<String> texts(List<JsonNode> rows) {
        return rows.stream().map(row -> row.path("text").textValue()).toList();
    }

    @Test
    void keepsTheFirstOfTextsThatAreAlikeAndSaysWhyTheOthersWent() throws IOException {
        StageOutput output = harness.run("clean", FilterStage.class, config().build());

        List<JsonNode> kept = lines(output, "data/rows.jsonl");
        assertThat(texts(kept))
                .isEqualTo(IntStream.range(0, 8).mapToObj(FilterStageTest::text).toList());
        assertThat(kept.get(1).path("source").textValue()).isEqualTo("shop");
        List<JsonNode> removed = lines(output, "removed.jsonl");
        assertThat(removed).hasSize(15);
        assertThat(removed.get(0).path("reason").textValue()).isEqualTo("min_doc_words");
        assertThat(removed.get(0).path("detail").textValue()).isEqualTo("2 < 20");
        assertThat(removed.get(0).path("row").intValue()).isEqualTo(3);
        assertThat(removed.stream().filter(row -> row.path("reason").textValue().equals("exact_dedup")))
                .hasSize(3);
        JsonNode near = removed.get(removed.size() - 1);
        assertThat(near.path("reason").textValue()).isEqualTo("minhash");
        assertThat(near.path("detail").textValue()).isEqualTo("like row 7");
        assertThat(output.summary().at("/removed/minhash/rows").intValue()).isEqualTo(6);
        assertThat(output.summary().at("/removed/min_doc_words/groups/shop").intValue())
                .isEqualTo(6);
        assertThat(output.summary().at("/groups/news/share_after").doubleValue())
                .isEqualTo(0.5);
        assertThat(output.summary().at("/groups/news/share_before").doubleValue())
                .isCloseTo(4.0 / 23, within(1e-12));
        assertThat(output.summary().at("/metrics/rows_written").doubleValue()).isEqualTo(8);
        assertThat(output.samples().stream().map(sample -> sample.path("reason").textValue()))
                .containsExactlyInAnyOrder(
                        "min_doc_words",
                        "min_doc_words",
                        "min_doc_words",
                        "exact_dedup",
                        "exact_dedup",
                        "exact_dedup",
                        "minhash",
                        "minhash",
                        "minhash");
        assertThat(output.metric("kept")).hasSize(5);
        assertThat(output.directory().resolve("work")).doesNotExist();
    }

    @Test
    void isTheSameWhereverItWasStopped() throws IOException {
        FilterConfig config = config().build();
        StageOutput whole = harness.run("whole", FilterStage.class, config);
        for (int step : List.of(1, 5, 7)) {
            harness.killAfter(step, "killed" + step, FilterStage.class, config);
            same(whole, harness.resume("killed" + step, FilterStage.class, config));
            harness.stopAfter(step, "stopped" + step, FilterStage.class, config);
            same(whole, harness.resume("stopped" + step, FilterStage.class, config));
        }
    }

    private static void same(StageOutput whole, StageOutput resumed) throws IOException {
        for (String file : List.of("data/rows.jsonl", "removed.jsonl", "samples.jsonl", "metrics.jsonl")) {
            assertThat(resumed.directory().resolve(file))
                    .hasSameBinaryContentAs(whole.directory().resolve(file));
        }
        assertThat(resumed.summary().path("removed")).isEqualTo(whole.summary().path("removed"));
    }

    @Test
    void continuesWhereOnlyTheEndWasMissingThoughItsHashesAreGone() throws IOException {
        FilterConfig config = config().build();
        StageOutput whole = harness.run("whole", FilterStage.class, config);
        harness.stopAfter(10, "ended", FilterStage.class, config);
        Path work = folder.resolve("ended").resolve("work");
        if (Files.exists(work)) {
            Files.deleteIfExists(work.resolve("hashes.bin"));
        }

        same(whole, harness.resume("ended", FilterStage.class, config));
    }

    @Test
    void withoutComparisonsOnePassIsEnough() throws IOException {
        StageOutput output = harness.run(
                "clean",
                FilterStage.class,
                config().duplicates(DuplicatesConfig.NONE).build());

        assertThat(output.metric("kept")).hasSize(5);
        assertThat(lines(output, "data/rows.jsonl")).hasSize(17);
    }

    @Test
    void linesAreTakenOutOfTextsAndEqualWhatIsLeft() throws IOException {
        DatasetSpec texts = rows(
                "texts.jsonl",
                List.of(
                        row("A whole sentence is here.\nMenu\nIt has a second one too.", "a"),
                        row("A whole sentence is here.\nIt has a second one too.", "b")));
        C4Config lines = new C4Config(
                Optional.empty(),
                Optional.of(true),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        StageOutput output = harness.run(
                "clean",
                FilterStage.class,
                FilterConfig.builder(texts)
                        .c4(lines)
                        .duplicates(new DuplicatesConfig(true, Optional.empty()))
                        .build());

        assertThat(texts(lines(output, "data/rows.jsonl")))
                .containsExactly("A whole sentence is here.\nIt has a second one too.");
        assertThat(texts(lines(output, "removed.jsonl"))).hasSize(1);
    }

    private static ContentConfig content(
            List<String> languages,
            Optional<String> badWords,
            Map<String, Double> columns,
            Optional<RobotsConfig> robots,
            Optional<EvalDatasets> decontaminate,
            Optional<ClassifierConfig> quality) {
        return new ContentConfig(
                languages,
                OptionalDouble.empty(),
                List.of(),
                badWords,
                columns,
                robots,
                decontaminate,
                OptionalInt.empty(),
                quality);
    }

    @Test
    void robotsTxtMayComeFromASource() throws IOException {
        StageHarness withSource = new StageHarness(
                folder,
                new FilterModule(),
                binder -> DatasetsModule.datasetBinder(binder).bind("known", new KnownRobots()));
        DatasetSpec texts = rows(
                "pages.jsonl",
                List.of(
                        Map.of("text", "The house is old.", "url", "https://a.example/x"),
                        Map.of("text", "The house is new.", "url", "https://b.example/x")));
        FilterConfig config = FilterConfig.builder(texts)
                .content(content(
                        List.of(),
                        Optional.empty(),
                        Map.of(),
                        Optional.of(new RobotsConfig(DatasetSpec.of("known:a.example"), "GPTBot", Optional.empty())),
                        Optional.empty(),
                        Optional.empty()))
                .groupBy("url")
                .build();

        StageOutput output = withSource.run("allowed", FilterStage.class, config);

        assertThat(lines(output, "data/rows.jsonl"))
                .singleElement()
                .satisfies(row -> assertThat(row.path("text").textValue()).isEqualTo("The house is new."));
    }

    /** The robots.txt of the host that is asked for: nothing for GPTBot. */
    private static final class KnownRobots implements DatasetSource {
        @Override
        public RecordKind kind(DatasetRequest request) {
            return RecordKind.TEXT;
        }

        @Override
        public Stream<DataRecord> records(DatasetRequest request) {
            return Stream.of(new TextRecord(
                    "User-agent: GPTBot\nDisallow: /", new RowTags("", "", Map.of("host", request.location()))));
        }
    }

    @Test
    void contentAndOriginDecideToo() throws IOException {
        DatasetSpec texts = rows(
                "texts.jsonl",
                List.of(
                        Map.of(
                                "text",
                                "The house stands by the river and is very old.",
                                "score",
                                5,
                                "url",
                                "https://a.example/x"),
                        Map.of(
                                "text",
                                "Das Haus steht am Fluss und ist wirklich sehr alt.",
                                "score",
                                5,
                                "url",
                                "https://a.example/x"),
                        Map.of(
                                "text",
                                "The house is blig and stands by the river.",
                                "score",
                                5,
                                "url",
                                "https://a.example/x"),
                        Map.of(
                                "text",
                                "The house by the river was sold for little.",
                                "score",
                                2,
                                "url",
                                "https://a.example/x"),
                        Map.of("text", "The house by the river was sold for more.", "url", "https://a.example/x"),
                        Map.of(
                                "text",
                                "The house by the river was sold for nothing.",
                                "score",
                                5,
                                "url",
                                "https://a.example/private/x"),
                        Map.of(
                                "text",
                                "Note: who built the house that stands by the river and when was it built again?",
                                "score",
                                5,
                                "url",
                                "https://b.example/x")));
        harness.write("bad.txt", "blig\n");
        harness.write(
                "robots.jsonl",
                "{\"domain\": \"a.example\", \"robots\": \"User-agent: CCBot\\nDisallow: /private\"}\n");
        DatasetSpec questions = rows(
                "questions.jsonl",
                List.of(Map.of("prompt", "Who built the house that stands by the river, and when was it built?")));
        ContentConfig content = content(
                List.of("en"),
                Optional.of(folder.resolve("bad.txt").toString()),
                Map.of("score", 3.0),
                Optional.of(new RobotsConfig(
                        DatasetSpec.of(folder.resolve("robots.jsonl").toString()), "CCBot", Optional.empty())),
                Optional.of(new EvalDatasets(Map.of("quiz", questions))),
                Optional.empty());
        StageOutput output = harness.run(
                "clean",
                FilterStage.class,
                FilterConfig.builder(texts).content(content).groupBy("url").build());

        assertThat(lines(output, "data/rows.jsonl")).hasSize(1);
        assertThat(lines(output, "removed.jsonl").stream()
                        .map(row -> row.path("reason").textValue() + ": "
                                + row.path("detail").textValue()))
                .satisfiesExactly(
                        language -> assertThat(language).startsWith("languages: deu"),
                        bad -> assertThat(bad).isEqualTo("bad_words_path: blig"),
                        score -> assertThat(score).isEqualTo("min_columns.score: 2 < 3.0"),
                        absent -> assertThat(absent).isEqualTo("min_columns.score: absent"),
                        robots ->
                                assertThat(robots).isEqualTo("robots: CCBot may not fetch https://a.example/private/x"),
                        test -> assertThat(test).isEqualTo("decontaminate: quiz row 1"));
        assertThat(output.summary().at("/groups/b.example/rows").intValue()).isEqualTo(1);
    }

    @Test
    void aClassifierLearnsFromGoodAndBadTextsAndIsHeldAgainstOthers() throws IOException {
        List<Map<String, Object>> good = new ArrayList<>();
        List<Map<String, Object>> bad = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            good.add(row("The river " + text(i) + " flows past the town.", "x"));
            bad.add(row("Buy now " + text(100 + i) + " cheap offer today.", "x"));
        }
        StageOutput output = harness.run(
                "clean",
                FilterStage.class,
                FilterConfig.builder(rows(
                                "mixed.jsonl",
                                List.of(
                                        row("The river flows past the town.", "x"),
                                        row("Buy the cheap offer today.", "x"))))
                        .content(content(
                                List.of(),
                                Optional.empty(),
                                Map.of(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(new ClassifierConfig(
                                        rows("good.jsonl", good), rows("bad.jsonl", bad), OptionalDouble.empty()))))
                        .build());

        assertThat(texts(lines(output, "data/rows.jsonl"))).containsExactly("The river flows past the town.");
        assertThat(output.summary().at("/metrics/quality~1auc").doubleValue()).isGreaterThan(0.95);
    }

    @Test
    void rowsOfOtherKindsAreFilteredByTheirParts() throws IOException {
        DatasetSpec pairs = rows(
                "pairs.jsonl",
                List.of(
                        Map.of("prompt", "Say much.", "chosen", text(1), "rejected", "no"),
                        Map.of("prompt", text(2), "chosen", "yes", "rejected", text(2))));
        FilterConfigBuilder config = FilterConfig.builder(pairs).shape(leastWords(20));
        StageOutput response = harness.run(
                "response", FilterStage.class, config.part(TextPart.RESPONSE).build());
        StageOutput prompt = harness.run(
                "prompt", FilterStage.class, config.part(TextPart.PROMPT).build());

        assertThat(lines(response, "data/rows.jsonl").get(0).path("prompt").textValue())
                .isEqualTo("Say much.");
        assertThat(lines(prompt, "data/rows.jsonl").get(0).path("chosen").textValue())
                .isEqualTo("yes");
    }

    @Test
    void mistakesAreSaidBeforeAnythingRuns() {
        FilterStage stage = harness.instance(FilterStage.class);
        DatasetSpec corpus = corpus();
        DatasetSpec pairs = rows("pairs.jsonl", List.of(Map.of("prompt", "a", "chosen", "b", "rejected", "c")));

        assertThatThrownBy(() -> stage.check(
                        FilterConfig.builder(pairs).preset(Preset.C4).build()))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("must have rows of format text");
        assertThatThrownBy(() -> stage.check(FilterConfig.builder(corpus)
                        .preset(Preset.GOPHER)
                        .part(TextPart.PROMPT)
                        .build()))
                .hasMessageContaining("part: prompt does nothing for rows of format text");
        assertThatThrownBy(() -> stage.check(FilterConfig.builder(corpus)
                        .preset(Preset.GOPHER)
                        .groupBy("domain")
                        .build()))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("group_by names the column \"domain\"");
        assertThatThrownBy(() -> stage.check(FilterConfig.builder(corpus)
                        .content(content(
                                List.of(),
                                Optional.of("nowhere.txt"),
                                Map.of(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()))
                        .build()))
                .hasMessageContaining("bad_words_path nowhere.txt does not exist");
        assertThatThrownBy(() -> harness.run(
                        "none",
                        FilterStage.class,
                        FilterConfig.builder(corpus).shape(leastWords(1_000)).build()))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("no row is left; most were removed by min_doc_words");
    }
}
