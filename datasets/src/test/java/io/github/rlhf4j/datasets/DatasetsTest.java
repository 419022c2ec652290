package io.github.rlhf4j.datasets;

import static io.github.rlhf4j.datasets.DatasetsFixture.datasets;
import static io.github.rlhf4j.datasets.DatasetsFixture.file;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.inject.AbstractModule;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.Sha256;
import io.github.rlhf4j.core.stage.Progress;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetsTest {
    @TempDir
    Path folder;

    /** A dataset of a user's own: the location is how many rows it has. */
    static final class Counting implements DatasetSource {
        @Override
        public RecordKind kind(DatasetRequest request) {
            return RecordKind.PROMPT;
        }

        @Override
        public Stream<Prompt> records(DatasetRequest request) {
            return IntStream.range(0, Integer.parseInt(request.location()))
                    .mapToObj(i -> new Prompt("question " + i + " of seed " + request.seed()));
        }
    }

    static final class CountingModule extends AbstractModule {
        @Override
        protected void configure() {
            DatasetsModule.datasetBinder(binder()).bind("counting", Counting.class);
        }
    }

    private DatasetSpec pairs(int rows, int prompts) {
        String lines = IntStream.range(0, rows)
                .mapToObj(i -> RecordJson.toLine(new PreferencePair("prompt " + i % prompts, " a" + i, " b" + i)))
                .collect(Collectors.joining("\n"));
        return file(folder, "pairs.jsonl", lines);
    }

    @Test
    void aRowKnowsItsFileAndLineAlsoAfterASplitAndInAnotherOrder() {
        Path first = Path.of(file(
                        folder,
                        "a.jsonl",
                        "{\"prompt\":\"p\",\"chosen\":\"g\",\"rejected\":\"b\"}\n\n"
                                + "{\"prompt\":\"q\",\"chosen\":\"h\",\"rejected\":\"c\"}\n")
                .path());
        Path second = Path.of(file(folder, "b.jsonl", "{\"prompt\":\"r\",\"chosen\":\"i\",\"rejected\":\"d\"}\n")
                .path());
        DatasetSpec both = DatasetSpec.of(first.toString()).withPaths(List.of(first.toString(), second.toString()));
        try (RecordSet<UnpairedPreference> rows = datasets().open(both, UnpairedPreference.class, 1)) {
            // of the three pairs first the good answers, then the bad ones
            assertThat(rows.size()).isEqualTo(6);
            assertThat(rows.describe(1)).containsEntry("line", 3L);
            assertThat(rows.describe(1).get("file")).asString().endsWith("a.jsonl");
            assertThat(rows.describe(5)).containsEntry("line", 1L);
            assertThat(rows.describe(5).get("file")).asString().endsWith("b.jsonl");
            assertThat(rows.describe(5).get("row")).asString().contains("completion=d");
            RecordSet.HoldOut<UnpairedPreference> parts = rows.holdOut(0.5);
            assertThat(parts.train().describe(0).get("row"))
                    .asString()
                    .contains("completion="
                            + parts.train().get(0).completion().key().replaceAll(".*?(\\w)$", "$1"));
        }
    }

    @Test
    void everyRowReadIsToldToProgressAndObserver() {
        AtomicLong read = new AtomicLong();
        AtomicLong seen = new AtomicLong();
        Progress progress = new Progress() {
            @Override
            public void advance(long units) {
                read.addAndGet(units);
            }

            @Override
            public void close() {}
        };

        try (RecordSet<DataRecord> rows =
                datasets().open(pairs(7, 3).withLimit(5), List.of(RecordKind.PREFERENCE), 1, progress)) {
            assertThat(rows.observed(seen::incrementAndGet)).hasSize(5);
        }

        assertThat(read).hasValue(5);
        assertThat(seen).hasValue(5);
    }

    @Test
    void aDatasetBoundByAModuleIsOpenedByItsName() {
        Datasets datasets = datasets(new CountingModule());

        RecordSet<Prompt> rows = datasets.open(DatasetSpec.of("counting:3"), Prompt.class, 5);
        RecordSet<Prompt> byFormat = datasets.open(
                new DatasetSpec("3", "counting", SplitSpec.ALL, DatasetSpec.NO_LIMIT, Map.of()), Prompt.class, 5);

        assertThat(rows)
                .containsExactly(
                        new Prompt("question 0 of seed 5"),
                        new Prompt("question 1 of seed 5"),
                        new Prompt("question 2 of seed 5"));
        assertThat(byFormat).containsExactlyElementsOf(rows);
        assertThat(rows.origin().sha256())
                .hasSize(64)
                .isEqualTo(byFormat.origin().sha256());
    }

    @Test
    void anUnboundNameIsAnErrorThatListsTheBoundOnes() {
        assertThatThrownBy(() -> datasets(new CountingModule()).open(DatasetSpec.of("synthtic:pairs"), Prompt.class, 1))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("synthtic")
                .hasMessageContaining("available: counting");
    }

    @Test
    void rowsAreReadByPositionAndInOrder() {
        RecordSet<PreferencePair> rows = datasets().open(pairs(500, 500), PreferencePair.class, 1);

        assertThat(rows.size()).isEqualTo(500);
        assertThat(rows.get(321)).isEqualTo(new PreferencePair("prompt 321", " a321", " b321"));
        assertThat(rows.stream().map(PreferencePair::promptKey).toList())
                .isEqualTo(IntStream.range(0, 500).mapToObj(i -> "prompt " + i).toList());
    }

    @Test
    void everyKindSurvivesItsTextFormExactly() {
        List<ChatMessage> chat =
                List.of(new ChatMessage("user", "Ü \n\u0000\uD83D\uDE00"), new ChatMessage("assistant", ""));
        RowTags tags = new RowTags("r1", "rewrite");
        List<DataRecord> records = List.of(
                new TextRecord("a\r\nb", tags),
                new Prompt(Content.of(chat), tags),
                new PromptCompletion("", "x"),
                new Conversation(chat, tags),
                new PreferencePair(Content.of(List.of()), Content.of(chat), Content.of(chat.subList(0, 1)), tags),
                new Ranking(Content.of("p"), List.of(Content.of("b"), Content.of("a")), List.of(2, 1), tags));

        for (DataRecord dataRecord : records) {
            assertThat(RecordJson.fromStored(
                            dataRecord.kind(), RecordJson.toLine(dataRecord).getBytes(StandardCharsets.UTF_8)))
                    .isEqualTo(dataRecord);
        }
    }

    @Test
    void aLimitTakesTheFirstRows() {
        assertThat(datasets().open(pairs(20, 20).withLimit(3), PreferencePair.class, 1))
                .extracting(PreferencePair::promptKey)
                .containsExactly("prompt 0", "prompt 1", "prompt 2");
    }

    @Test
    void theLimitAppliesBeforeTheSplit() {
        DatasetSpec limited = pairs(2000, 2000).withLimit(1000);
        long train = datasets()
                .open(limited.withSplit(SplitSpec.of("train")), Prompt.class, 1)
                .size();
        long test = datasets()
                .open(limited.withSplit(SplitSpec.of("test")), Prompt.class, 1)
                .size();

        assertThat(train + test).isEqualTo(1000);
    }

    @Test
    void noPromptIsOnBothSidesOfASplit() {
        DatasetSpec spec = pairs(3000, 600); // every prompt five times
        Set<String> train = prompts(datasets().open(spec.withSplit(SplitSpec.of("train")), PreferencePair.class, 1));
        Set<String> test = prompts(datasets().open(spec.withSplit(SplitSpec.of("test")), PreferencePair.class, 2));

        assertThat(train).doesNotContainAnyElementsOf(test);
        assertThat(train.size() + test.size()).isEqualTo(600);
        assertThat(test).hasSizeBetween(35, 85); // binomial(600, .1): 60 +- 3.4 standard deviations of 7.3
    }

    @Test
    void partsOfOnesOwnShareAllRows() {
        DatasetSpec spec = pairs(1000, 1000);
        Map<String, Double> fractions = new LinkedHashMap<>();
        fractions.put("train", 0.5);
        fractions.put("validation", 0.3);
        fractions.put("test", 0.2);

        long rows = 0;
        for (String part : fractions.keySet()) {
            rows += datasets()
                    .open(spec.withSplit(SplitSpec.of(part, fractions)), PreferencePair.class, 1)
                    .size();
        }
        assertThat(rows).isEqualTo(1000);
    }

    @Test
    void aHoldOutKeepsEqualPromptsTogetherAndIsIndependentOfTheSplit() {
        DatasetSpec train = pairs(3000, 600).withSplit(SplitSpec.of("train"));
        RecordSet<PreferencePair> rows = datasets().open(train, PreferencePair.class, 1);

        RecordSet.HoldOut<PreferencePair> sides = rows.holdOut(0.1);

        assertThat(sides.train().size() + sides.eval().size()).isEqualTo(rows.size());
        assertThat(prompts(sides.train())).doesNotContainAnyElementsOf(prompts(sides.eval()));
        assertThat(prompts(sides.eval())).hasSizeBetween(30, 80);
        assertThat(sides.train().origin().contentHash())
                .isNotEqualTo(sides.eval().origin().contentHash());
    }

    @Test
    void aHoldOutThatWouldBeEmptyIsAnError() {
        RecordSet<PreferencePair> rows = datasets().open(pairs(2, 1), PreferencePair.class, 1);

        assertThatThrownBy(() -> rows.holdOut(0.5))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("eval_dataset");
        assertThatThrownBy(() -> rows.holdOut(1)).hasMessageContaining("but is 1.0");
    }

    private static Set<String> prompts(RecordSet<? extends DataRecord> rows) {
        Set<String> prompts = new HashSet<>();
        rows.forEach(row -> prompts.add(row.promptKey()));
        return prompts;
    }

    @Test
    void pairsServeAsRankingsDemonstrationsAndPrompts() {
        DatasetSpec spec = file(folder, "p.jsonl", RecordJson.toLine(new PreferencePair("p", " a", " b")));

        assertThat(datasets().open(spec, Ranking.class, 1))
                .containsExactly(Ranking.bestFirst("p", List.of(" a", " b")));
        assertThat(datasets().open(spec, PromptCompletion.class, 1)).containsExactly(new PromptCompletion("p", " a"));
        assertThat(datasets().open(spec, Prompt.class, 1)).containsExactly(new Prompt("p"));
    }

    @Test
    void aPairGivesAGoodAndABadResponse() {
        DatasetSpec spec = file(folder, "p.jsonl", RecordJson.toLine(new PreferencePair("p", " a", " b")));

        assertThat(datasets().open(spec, UnpairedPreference.class, 1))
                .containsExactly(new UnpairedPreference("p", " a", true), new UnpairedPreference("p", " b", false));
    }

    @Test
    void goodResponsesServeAsDemonstrations() {
        String rows = RecordJson.toLine(new UnpairedPreference("p", " a", true)) + "\n"
                + RecordJson.toLine(new UnpairedPreference("q", " b", false));
        DatasetSpec spec = file(folder, "u.jsonl", rows);

        assertThat(datasets().open(spec, PromptCompletion.class, 1)).containsExactly(new PromptCompletion("p", " a"));
        assertThat(datasets().open(spec, Prompt.class, 1)).containsExactly(new Prompt("p"), new Prompt("q"));
    }

    @Test
    void aRankingGivesThePairsOfDifferentRank() {
        Ranking ranking = new Ranking(
                Content.of("p"),
                List.of(Content.of("a"), Content.of("b"), Content.of("c")),
                List.of(2, 1, 2),
                RowTags.NONE);
        DatasetSpec spec = file(folder, "r.jsonl", RecordJson.toLine(ranking));

        assertThat(datasets().open(spec, PreferencePair.class, 1))
                .containsExactly(new PreferencePair("p", "b", "a"), new PreferencePair("p", "b", "c"));
        assertThat(datasets().open(spec, PromptCompletion.class, 1)).containsExactly(new PromptCompletion("p", "b"));
    }

    @Test
    void aConversationGivesThePromptBeforeItsLastAnswer() {
        List<ChatMessage> chat = List.of(new ChatMessage("user", "Hi"), new ChatMessage("assistant", "Hello"));
        DatasetSpec spec = file(folder, "c.jsonl", RecordJson.toLine(new Conversation(chat)));

        assertThat(datasets().open(spec, Prompt.class, 1))
                .containsExactly(new Prompt(Content.of(chat.subList(0, 1)), RowTags.NONE));
    }

    @Test
    void theFirstAcceptedKindIsTaken() {
        DatasetSpec spec = pairs(2, 2);

        assertThat(datasets()
                        .open(spec, List.of(RecordKind.CONVERSATION, RecordKind.PROMPT_COMPLETION), 1)
                        .kind())
                .isEqualTo(RecordKind.PROMPT_COMPLETION);
        assertThat(datasets()
                        .open(spec, List.of(RecordKind.PROMPT, RecordKind.PREFERENCE), 1)
                        .kind())
                .isEqualTo(RecordKind.PREFERENCE);
    }

    @Test
    void aDatasetOfTheWrongKindIsAnErrorThatSaysBoth() {
        DatasetSpec spec = file(folder, "t.jsonl", "{\"text\": \"a\"}");

        assertThatThrownBy(() -> datasets().open(spec, PreferencePair.class, 1))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("format text (text), but this stage needs preference (prompt, chosen, rejected)");
    }

    @Test
    void aDatasetWithoutAUsableRowIsAnErrorThatSaysWhy() {
        DatasetSpec spec = file(folder, "p.jsonl", "{\"chosen\": \"a\", \"rejected\": \"a\"}\n".repeat(7));

        assertThatThrownBy(() -> datasets().open(spec, PreferencePair.class, 1))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("no usable row")
                .hasMessageContaining(
                        "7 rows dropped: chosen and rejected are equal (line 1, line 2, line 3, line 4, line 5, ...)");
    }

    @Test
    void severalFilesOfSeveralFormatsAreOneStream() {
        DatasetSpec csv = file(folder, "a.csv", "instruction,output\nWhy,So\n");
        DatasetSpec jsonl = file(folder, "b.jsonl", "{\"prompt\": \"Who\", \"completion\": \"I\"}\n");
        file(folder, "c.jsonl", "");
        DatasetSpec both = csv.withPaths(List.of(jsonl.path(), csv.path()));

        assertThat(datasets().open(DatasetSpec.of(folder.toString()), PromptCompletion.class, 1))
                .containsExactly(new PromptCompletion("Why", "So"), new PromptCompletion("Who", "I"));
        try (RecordSet<PromptCompletion> rows = datasets().open(both, PromptCompletion.class, 1)) {
            assertThat(rows).containsExactly(new PromptCompletion("Who", "I"), new PromptCompletion("Why", "So"));
            assertThat(rows.origin().path()).isEqualTo(jsonl.path() + ", " + csv.path());
        }
    }

    @Test
    void columnsOfEveryFormatAreMapped() {
        DatasetSpec csv = file(folder, "a.csv", "q,good,bad\nWhy, a, b\n");
        Map<String, String> columns = Map.of("prompt", "q", "chosen", "good", "rejected", "bad");
        DatasetSpec mapped = new DatasetSpec(csv.path(), "", SplitSpec.ALL, DatasetSpec.NO_LIMIT, columns);

        assertThat(datasets().open(mapped, PreferencePair.class, 1))
                .containsExactly(new PreferencePair("Why", " a", " b"));
    }

    @Test
    void filesOfSeveralKindsAreRefused() {
        file(folder, "a.jsonl", "{\"text\": \"a\"}");
        file(folder, "b.jsonl", "{\"prompt\": \"b\"}");

        assertThatThrownBy(() -> datasets().open(DatasetSpec.of(folder + "/*.jsonl"), TextRecord.class, 1))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("b.jsonl has rows of format prompt, but the files of ")
                .hasMessageContaining("before it have text");
    }

    @Test
    void rowsDroppedFromSeveralFilesAreNamedWithTheirFile() {
        file(folder, "a.jsonl", "{\"text\": \"a\"}\n{\"text\": \" \"}");
        file(folder, "b.jsonl", "{\"text\": \"\"}");

        assertThat(datasets()
                        .open(DatasetSpec.of(folder.toString()), TextRecord.class, 1)
                        .dropReport()
                        .lines("d"))
                .containsExactly("d: 2 rows dropped: text is empty (%s/a.jsonl line 2, %s/b.jsonl line 1)"
                        .formatted(folder, folder));
    }

    @Test
    void aBoundDatasetStandsAlone() {
        assertThatThrownBy(() -> datasets(new CountingModule())
                        .open(DatasetSpec.of("x").withPaths(List.of("counting:3", "a")), Prompt.class, 1))
                .hasMessageContaining("a list must name files");
    }

    @Test
    void theFilesOwnHashIsReported() throws Exception {
        DatasetSpec spec = file(folder, "t.jsonl", "{\"text\": \"a\"}\n");
        String expected = new Sha256().add(Path.of(spec.path())).hex();

        assertThat(datasets().open(spec, TextRecord.class, 1).origin())
                .extracting(DatasetOrigin::path, DatasetOrigin::sha256, DatasetOrigin::rows)
                .containsExactly(spec.path(), expected, 1L);
    }
}
