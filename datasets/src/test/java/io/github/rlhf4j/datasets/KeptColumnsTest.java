package io.github.rlhf4j.datasets;

import static io.github.rlhf4j.datasets.DatasetsFixture.datasets;
import static io.github.rlhf4j.datasets.DatasetsFixture.file;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.inject.AbstractModule;
import io.github.rlhf4j.core.UserError;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptColumnsTest {
    @TempDir
    Path folder;

    private static List<Map<String, Object>> columns(DatasetSpec spec, KeptColumns keep) {
        try (RecordSet<Prompt> rows = datasets(new Sums()).open(spec.keeping(keep), Prompt.class, 1)) {
            return rows.stream().map(row -> row.tags().columns()).toList();
        }
    }

    @Test
    void everyColumnButThePromptStaysWithItsType() {
        DatasetSpec lines = file(
                folder,
                "a.jsonl",
                "{\"prompt\": \"2+2?\", \"answer\": 4, \"level\": 0.5, \"easy\": true, \"why\": null, \"steps\": [\"a\", {\"b\": 1}]}");

        assertThat(columns(lines, KeptColumns.ALL))
                .containsExactly(
                        Map.of("answer", 4L, "level", 0.5, "easy", true, "steps", List.of("a", Map.of("b", 1L))));
        assertThat(columns(lines, KeptColumns.of("level"))).containsExactly(Map.of("level", 0.5));
        assertThat(columns(lines, KeptColumns.UNSAID)).containsExactly(Map.of());
    }

    @Test
    void theAnswerOfAQuestionStaysThoughItIsNoPrompt() { // gsm8k's columns
        DatasetSpec lines = file(folder, "a.jsonl", "{\"question\": \"2+2?\", \"answer\": \"It is #### 4\"}");

        assertThat(columns(lines, KeptColumns.ALL)).containsExactly(Map.of("answer", "It is #### 4"));
    }

    @Test
    void anAnswerThatIsANumberIsNoCompletion() {
        DatasetSpec lines = file(folder, "a.jsonl", "{\"prompt\": \"2+2?\", \"answer\": 4}");

        try (FileRecordReader reader = new FileRecordReader(lines)) {
            assertThat(reader.kind()).isEqualTo(RecordKind.PROMPT);
        }
    }

    @Test
    void everyFileFormatHasThem() {
        DatasetSpec csv = file(folder, "a.csv", "prompt,answer\n2+2?,4\n3+3?,6\n");
        DatasetSpec array = file(folder, "a.json", "[{\"prompt\": \"2+2?\", \"answer\": 4}]");
        DatasetSpec parquet = DatasetSpec.of("src/test/resources/parquet/types.parquet");

        assertThat(columns(csv, KeptColumns.of("answer")))
                .containsExactly(Map.of("answer", "4"), Map.of("answer", "6"));
        assertThat(columns(array, KeptColumns.of("answer"))).containsExactly(Map.of("answer", 4L));
        assertThat(columns(parquet, KeptColumns.of("int8", "list", "struct")).get(0))
                .hasToString("{int8=-7, list=[a, null], struct={a=1, b=[{c=d}]}}");
        assertThat(columns(parquet, KeptColumns.ALL).get(0))
                .containsEntry("date", "2024-01-02")
                .containsKey("completion");
    }

    @Test
    void rawBytesAreLeftOut() {
        DatasetSpec parquet = DatasetSpec.of("src/test/resources/parquet/not-utf-8.parquet")
                .withColumns(Map.of("prompt", "completion"));

        assertThat(columns(parquet, KeptColumns.ALL)).containsExactly(Map.of("prompt", "Wer"), Map.of());
    }

    @Test
    void theColumnsOfALayoutAreThoseOfTheFile() {
        DatasetSpec alpaca = file(
                folder, "a.jsonl", "{\"instruction\": \"Add.\", \"input\": \"2 2\", \"output\": \"4\", \"level\": 1}");

        assertThat(columns(alpaca, KeptColumns.of("level", "output")))
                .containsExactly(Map.of("level", 1L, "output", "4"));
    }

    @Test
    void aColumnThatTheFileLacksIsAnError() {
        DatasetSpec lines = file(folder, "a.jsonl", "{\"prompt\": \"2+2?\", \"answer\": 4}");

        assertThatThrownBy(() -> columns(lines, KeptColumns.of("anwser")))
                .isInstanceOf(UserError.class)
                .hasMessage("dataset.keep names the column \"anwser\", but " + lines.path() + " has [prompt, answer]");
    }

    @Test
    void aBoundSourceGivesThemWithItsRecords() {
        assertThat(columns(DatasetSpec.of("sums:"), KeptColumns.ALL))
                .containsExactly(Map.of("answer", 4L, "level", "easy"));
        assertThat(columns(DatasetSpec.of("sums:"), KeptColumns.of("level"))).containsExactly(Map.of("level", "easy"));
        assertThat(columns(DatasetSpec.of("sums:"), KeptColumns.UNSAID)).containsExactly(Map.of());
    }

    @Test
    void whatIsKeptIsPartOfTheContent() {
        DatasetSpec lines = file(folder, "a.jsonl", "{\"prompt\": \"2+2?\", \"answer\": 4}");

        assertThat(contentHash(lines.keeping(KeptColumns.ALL))).isNotEqualTo(contentHash(lines));
        assertThat(contentHash(lines)) // what it was before columns could be kept
                .isEqualTo(contentHash(file(folder, "b.jsonl", "{\"prompt\": \"2+2?\"}")));
    }

    private static String contentHash(DatasetSpec spec) {
        try (RecordSet<Prompt> rows = datasets().open(spec, Prompt.class, 1)) {
            return rows.origin().contentHash();
        }
    }

    /** One sum, with its answer. */
    static final class Sums extends AbstractModule implements DatasetSource {
        @Override
        protected void configure() {
            DatasetsModule.datasetBinder(binder()).bind("sums", Sums.class);
        }

        @Override
        public RecordKind kind(DatasetRequest request) {
            return RecordKind.PROMPT;
        }

        @Override
        public Stream<Prompt> records(DatasetRequest request) {
            return Stream.of(new Prompt(Content.of("2+2?"), new RowTags("", "", Map.of("answer", 4, "level", "easy"))));
        }
    }
}
