package io.github.rlhf4j.datasets;

import static io.github.rlhf4j.datasets.DatasetsFixture.file;
import static io.github.rlhf4j.datasets.DatasetsFixture.gzip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileRecordReaderTest {
    @TempDir
    Path folder;

    private static List<DataRecord> read(DatasetSpec spec) {
        List<DataRecord> rows = new ArrayList<>();
        try (FileRecordReader reader = new FileRecordReader(spec)) {
            reader.rows().forEachRemaining(rows::add);
        }
        return rows;
    }

    private List<DataRecord> read(String content) {
        return read(file(folder, "data.jsonl", content));
    }

    @Test
    void readsEveryFormatByItsColumns() {
        assertThat(read("{\"text\": \"Once\"}")).containsExactly(new TextRecord("Once"));
        assertThat(read("{\"prompt\": \"Why\"}")).containsExactly(new Prompt("Why"));
        assertThat(read("{\"prompt\": \"Why\", \"completion\": \" So\"}"))
                .containsExactly(new PromptCompletion("Why", " So"));
        assertThat(read("{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]}"))
                .containsExactly(new Conversation(List.of(new ChatMessage("user", "Hi"))));
        assertThat(read("{\"prompt\": \"Why\", \"chosen\": \" a\", \"rejected\": \" b\"}"))
                .containsExactly(new PreferencePair("Why", " a", " b"));
        assertThat(read("{\"prompt\": \"Why\", \"completion\": \" a\", \"label\": false}"))
                .containsExactly(new UnpairedPreference("Why", " a", false));
        assertThat(read("{\"prompt\": \"Why\", \"responses\": [\"a\", \"b\"], \"ranks\": [1, 2]}"))
                .containsExactly(Ranking.bestFirst("Why", List.of("a", "b")));
    }

    @ParameterizedTest
    @CsvSource({"true, true", "false, false", "1, true", "0, false", "'\"True\"', true"})
    void aLabelIsTrueOrFalse(String label, boolean expected) {
        String chat = "{\"prompt\": [{\"role\": \"user\", \"content\": \"Hi\"}], "
                + "\"completion\": [{\"role\": \"assistant\", \"content\": \"Hello\"}], \"label\": %s}";
        Content prompt = Content.of(List.of(new ChatMessage("user", "Hi")));
        Content completion = Content.of(List.of(new ChatMessage("assistant", "Hello")));

        assertThat(read(chat.formatted(label)))
                .containsExactly(new UnpairedPreference(prompt, completion, expected, RowTags.NONE));
    }

    @Test
    void anyOtherLabelIsAnErrorWithItsLine() {
        String good = "{\"prompt\": \"a\", \"completion\": \"b\", \"label\": 1}\n";
        assertThatThrownBy(() -> read(good.repeat(10) + good.replace("1}", "2}")))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("line 11: \"label\" must be true or false (1 or 0), but is 2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "0.5", "2", "\"maybe\"", "\"physics\"", "[]", "{}"})
    void whatIsNoLabelIsAnErrorFromTheFirstRowOn(String label) {
        String row = "{\"prompt\": \"a\", \"completion\": \"b\", \"label\": %s}\n".formatted(label);

        assertThatThrownBy(() -> read(row.repeat(8)))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("line 1: \"label\" must be true or false (1 or 0), but is " + label)
                .hasMessageContaining("format: prompt_completion");
    }

    @Test
    void aLabelOfAnotherKindIsLeftAloneWhereTheFormatIsGiven() {
        DatasetSpec spec =
                file(folder, "data.jsonl", "{\"prompt\": \"a\", \"completion\": \"b\", \"label\": \"physics\"}");

        assertThat(read(new DatasetSpec(
                        spec.path(), "prompt_completion", SplitSpec.ALL, DatasetSpec.NO_LIMIT, Map.of())))
                .containsExactly(new PromptCompletion("a", "b"));
    }

    @Test
    void labelsOfACsvAreLabelsToo() {
        assertThatThrownBy(() -> read(file(folder, "l.csv", "prompt,completion,label\na,b,1\na,c,-1\n")))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("l.csv line 3: \"label\" must be true or false (1 or 0), but is \"-1\"");
    }

    @Test
    void aPromptOfNullIsAnErrorWithItsLine() {
        String pair = "{\"prompt\": \"Why\", \"chosen\": \" a\", \"rejected\": \" b\"}\n";
        String demonstration = "{\"prompt\": \"Why\", \"completion\": \" a\"}\n";

        for (String row : List.of(pair, demonstration)) {
            assertThatThrownBy(() -> read(row + row.replace("\"Why\"", "null")))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("line 2: column \"prompt\" is null; write \"\" for an empty text");
        }
    }

    @Test
    void keepsIdAndUseCase() {
        assertThat(read("{\"prompt\": \"Why\", \"id\": 7, \"use_case\": \"open_qa\"}"))
                .containsExactly(new Prompt(Content.of("Why"), new RowTags("7", "open_qa")));
    }

    @ParameterizedTest
    @CsvSource({"instruction, response", "question, answer", "instruction, output", "prompt, response"})
    void readsOtherUsualNames(String prompt, String completion) {
        assertThat(read("{\"%s\": \"Why\", \"%s\": \" So\"}".formatted(prompt, completion)))
                .containsExactly(new PromptCompletion("Why", " So"));
    }

    @Test
    void doesNotGuessWhereTwoColumnsCouldBeThePrompt() {
        assertThatThrownBy(() -> read("{\"question\": \"a\", \"instruction\": \"b\", \"answer\": \"c\"}"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("[question, instruction, answer]")
                .hasMessageContaining("alpaca (instruction, input, output) or sharegpt (conversations)")
                .hasMessageContaining("dataset.columns");
    }

    @Test
    void columnsAreMapped() {
        DatasetSpec spec = file(folder, "x.jsonl", "{\"q\": \"Why\", \"good\": \" a\", \"bad\": \" b\"}");
        DatasetSpec mapped = new DatasetSpec(
                spec.path(),
                "",
                SplitSpec.ALL,
                DatasetSpec.NO_LIMIT,
                Map.of("prompt", "q", "chosen", "good", "rejected", "bad"));

        assertThat(read(mapped)).containsExactly(new PreferencePair("Why", " a", " b"));
    }

    @Test
    void aMappedColumnThatIsNotThereIsNamed() {
        DatasetSpec spec = file(folder, "x.jsonl", "{\"text\": \"Why\"}");
        DatasetSpec mapped =
                new DatasetSpec(spec.path(), "", SplitSpec.ALL, DatasetSpec.NO_LIMIT, Map.of("prompt", "question"));

        assertThatThrownBy(() -> read(mapped))
                .hasMessageContaining("\"question\"")
                .hasMessageContaining("[text]");
    }

    @Test
    void theFormatCanBeNamed() {
        DatasetSpec spec = file(folder, "x.jsonl", "{\"text\": \"a\", \"prompt\": \"b\"}");

        assertThat(read(spec)).containsExactly(new TextRecord("a"));
        assertThat(read(new DatasetSpec(spec.path(), "prompt", SplitSpec.ALL, DatasetSpec.NO_LIMIT, Map.of())))
                .containsExactly(new Prompt("b"));
        assertThatThrownBy(
                        () -> read(new DatasetSpec(spec.path(), "csv", SplitSpec.ALL, DatasetSpec.NO_LIMIT, Map.of())))
                .hasMessageContaining("dataset.format must be one of [text, prompt_completion,");
    }

    @Test
    void letteredResponsesAreRankedByText() {
        String row =
                "{\"prompt\": \"Why\", \"A\": \"a\", \"B\": \"b\", \"C\": \"c\", \"D\": \"d\", \"ranks\": \"D > A = C > B\"}";

        assertThat(read(row))
                .containsExactly(new Ranking(
                        Content.of("Why"),
                        List.of(Content.of("a"), Content.of("b"), Content.of("c"), Content.of("d")),
                        List.of(2, 3, 2, 1),
                        RowTags.NONE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[1]", "[1, 0]", "[1, 2, 3]", "[1.5, 2]", "\"A\"", "\"A > C\"", "{\"A\": 1}", "7"})
    void wrongRanksAreAnError(String ranks) {
        assertThatThrownBy(() -> read("{\"prompt\": \"p\", \"responses\": [\"a\", \"b\"], \"ranks\": " + ranks + "}"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("data.jsonl line 1: \"ranks\" must");
    }

    @Test
    void conversationalPairsHaveAnExplicitOrImplicitPromptOrRepeatIt() {
        String user = "{\"role\": \"user\", \"content\": \"Sky?\"}";
        String blue = "{\"role\": \"assistant\", \"content\": \"blue\"}";
        String black = "{\"role\": \"assistant\", \"content\": \"black\"}";
        String explicit = "{\"prompt\": [%s], \"chosen\": [%s], \"rejected\": [%s]}".formatted(user, blue, black);
        String implicit = "{\"chosen\": [%s, %s], \"rejected\": [%s, %s]}".formatted(user, blue, user, black);
        String repeated = "{\"prompt\": \"Sky?\", " + implicit.substring(1);
        String mixed = "{\"prompt\": \"Sky?\", \"chosen\": [%s], \"rejected\": [%s]}".formatted(blue, black);

        DataRecord expected = new PreferencePair(
                Content.of(List.of(new ChatMessage("user", "Sky?"))),
                Content.of(List.of(new ChatMessage("assistant", "blue"))),
                Content.of(List.of(new ChatMessage("assistant", "black"))),
                RowTags.NONE);
        assertThat(read(String.join("\n", explicit, implicit, repeated, mixed)))
                .containsExactly(expected, expected, expected, expected);
    }

    @Test
    void equalAndEmptyResponsesAreDroppedAndReportedByLine() {
        DatasetSpec spec = file(folder, "pairs.jsonl", """
                {"prompt": "p", "chosen": "a", "rejected": "b"}
                {"prompt": "p", "chosen": "a", "rejected": "a"}

                {"prompt": "p", "chosen": " ", "rejected": "b"}
                {"prompt": "p", "chosen": "x", "rejected": "x"}
                """);
        try (FileRecordReader reader = new FileRecordReader(spec)) {
            List<DataRecord> rows = new ArrayList<>();
            reader.rows().forEachRemaining(rows::add);

            assertThat(rows).hasSize(1);
            assertThat(reader.dropReport())
                    .isEqualTo(new DropReport(List.of(
                            new DropReport.Reason("chosen and rejected are equal", 2, List.of("line 2", "line 5")),
                            new DropReport.Reason("chosen response is empty", 1, List.of("line 4")))));
            assertThat(reader.dropReport().lines("pairs.jsonl"))
                    .containsExactly(
                            "pairs.jsonl: 2 rows dropped: chosen and rejected are equal (line 2, line 5)",
                            "pairs.jsonl: 1 row dropped: chosen response is empty (line 4)");
        }
    }

    @Test
    void byteOrderMarkWindowsLineEndsAndEmptyLinesAreFine() {
        assertThat(read("\uFEFF{\"text\": \"a\"}\r\n\r\n   \n{\"text\": \"b\\r\\n\"}"))
                .containsExactly(new TextRecord("a"), new TextRecord("b\r\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"data.json", "data.jsonl"})
    void readsAnArrayWhateverTheFileIsCalled(String name) {
        DatasetSpec spec = file(folder, name, "\uFEFF [\n{\"text\": \"a\"},\n {\"text\":\n \"b\"}]\n");

        assertThat(read(spec)).containsExactly(new TextRecord("a"), new TextRecord("b"));
    }

    @Test
    void readsBothCompressed() {
        assertThat(read(file(folder, "a.jsonl.gz", gzip("{\"text\": \"a\"}\n{\"text\": \"ü\"}"))))
                .containsExactly(new TextRecord("a"), new TextRecord("ü"));
        assertThat(read(file(folder, "a.json.gz", gzip("[{\"text\": \"a\"}]")))).containsExactly(new TextRecord("a"));
    }

    @Test
    void readsSeveralCompressedPartsAsOne() throws IOException {
        ByteArrayOutputStream parts = new ByteArrayOutputStream();
        parts.write(gzip("{\"text\": \"a\"}\n"));
        parts.write(gzip("{\"text\": \"b\"}\n"));

        assertThat(read(file(folder, "a.jsonl.gz", parts.toByteArray())))
                .containsExactly(new TextRecord("a"), new TextRecord("b"));
    }

    @Test
    void readsZstandard() {
        byte[] lines = Zstd.compress("{\"text\": \"a\"}\n{\"text\": \"ü\"}".getBytes(StandardCharsets.UTF_8));

        assertThat(read(file(folder, "a.jsonl.zst", lines))).containsExactly(new TextRecord("a"), new TextRecord("ü"));
    }

    @Test
    void aLineMayBeLongerThanAnyBuffer() {
        String text = "Ü!".repeat(100_000);

        assertThat(read("{\"text\": \"" + text + "\"}\n{\"text\": \"" + text + "\"}"))
                .containsExactly(new TextRecord(text), new TextRecord(text));
    }

    @Test
    void aCutCompressedFileIsAnErrorThatNamesTheLine() {
        StringBuilder content = new StringBuilder();
        Random random = new Random(1);
        for (int i = 0; i < 1000; i++) {
            content.append("{\"text\": \"").append(random.nextLong()).append("\"}\n");
        }
        byte[] whole = gzip(content.toString());
        DatasetSpec spec = file(folder, "cut.jsonl.gz", Arrays.copyOf(whole, whole.length / 2));

        assertThatThrownBy(() -> read(spec))
                .isInstanceOf(UserError.class)
                .hasMessageMatching(".*cut\\.jsonl\\.gz line [4-5][0-9][0-9]: the compressed data ends here.*");
    }

    @Test
    void aDamagedCompressedFileIsAnError() {
        byte[] damaged = gzip("{\"text\": \"a\"}\n".repeat(10));
        damaged[damaged.length - 6] ^= 1; // the checksum

        assertThatThrownBy(() -> read(file(folder, "bad.jsonl.gz", damaged)))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("bad.jsonl.gz line ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"text\": \"a\"         | line 2: not valid JSON",
                "{\"text\": \"a\"} x      | line 2: not valid JSON",
                "{'text': 1}              | line 2: not valid JSON",
                "{\"text\": 1}            | line 2: \"text\" must be a text, but is 1",
                "{\"text\": null}         | line 2: column \"text\" is null",
                "{\"other\": \"a\"}       | line 2: column \"text\" is missing",
                "[1]                      | line 2: a row must be a JSON object",
                "7                        | line 2: a row must be a JSON object",
                "{\"text\": \"a\", \"text\": \"b\"} | line 2: not valid JSON"
            })
    void aMalformedRowIsNamedByItsLine(String row, String message) {
        assertThatThrownBy(() -> read("{\"text\": \"a\"}\n" + row + "\n{\"text\": \"b\"}"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("data.jsonl " + message);
    }

    @Test
    void aMalformedArrayIsNamedByItsLine() {
        assertThatThrownBy(() -> read("[{\"text\": \"a\"},\n{\"text\": 1}]")).hasMessageContaining("line 2: \"text\"");
        assertThatThrownBy(() -> read("[{\"text\": \"a\"},\n3]")).hasMessageContaining("line 2: a row must be");
        assertThatThrownBy(() -> read("[{\"text\": \"a\"},\n")).hasMessageContaining("not valid JSON");
        assertThatThrownBy(() -> read("[{\"text\": \"a\"}]\n{}")).hasMessageContaining("line 2: something follows");
    }

    @Test
    void textThatIsNotUtf8IsNamedByItsLine() {
        byte[] latin1 = "{\"text\": \"a\"}\n{\"text\": \"\u00FC\"}".getBytes(StandardCharsets.ISO_8859_1);

        assertThatThrownBy(() -> read(file(folder, "l.jsonl", latin1)))
                .hasMessageContaining("l.jsonl line 2: not valid UTF-8");
    }

    @Test
    void filesOfOtherKindsAreRefusedByWhatTheyAre() {
        assertThatThrownBy(() -> read(file(folder, "a.zst", new byte[] {0x28, (byte) 0xB5, 0x2F, (byte) 0xFD})))
                .hasMessageContaining("a.zst line 1: cannot be read (Truncated source)");
        assertThatThrownBy(() -> read(file(folder, "a.zip", new byte[] {'P', 'K', 3, 4})))
                .hasMessageContaining("a zip archive");
        assertThatThrownBy(() -> read(file(folder, "e.jsonl", ""))).hasMessageContaining("is empty");
        assertThatThrownBy(() -> read(DatasetSpec.of(folder.resolve("no.jsonl").toString())))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("does not exist");
    }

    @Test
    void theFormatIsSeenInTheFirstRowsTogether() {
        assertThat(
                        read(
                                "{\"prompt\": \"p\", \"completion\": \"c\", \"chosen\": null}\n{\"prompt\": \"q\", \"completion\": \"d\"}"))
                .extracting(DataRecord::kind)
                .containsExactly(RecordKind.PROMPT_COMPLETION, RecordKind.PROMPT_COMPLETION);
    }
}
