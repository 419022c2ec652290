package io.github.rlhf4j.pipeline.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.Scorer;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.datasets.lines.DataRows;
import io.github.rlhf4j.datasets.lines.LineScorer;
import io.github.rlhf4j.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows of JSON that are scored, with the model and tokenizer of a folder. */
class ScoredLinesTest {
    @TempDir
    Path folder;

    private final CpuKernels kernels = new CpuKernels(1);

    private List<JsonNode> score(TinyModel tiny, DoubleUnaryOperator scale, String... lines) throws IOException {
        Path directory = tiny.write(folder.resolve("model"));
        Files.writeString(
                directory.resolve("chat_template.jinja"), "{% for m in messages %}{{ m['content'] }}{% endfor %}");
        Path data = Files.writeString(folder.resolve("in.jsonl"), String.join("\n", lines) + "\n");
        List<JsonNode> rows = new ArrayList<>();
        try (OpenModel model = OpenModel.open(directory, kernels);
                DataRows given = DataRows.open("", data, Map.of())) {
            LineScorer scorer = new LineScorer(new Scorer(model.transformer(), 1000), model.tokenizer(), scale);
            assertThat(scorer.score(given, rows::add).lines()).isEqualTo(lines.length);
            check(rows, lines, model.tokenizer());
        }
        return rows;
    }

    private static void check(List<JsonNode> rows, String[] lines, Tokenizer tokenizer) {
        assertThat(rows).hasSize(lines.length);
        int end = tokenizer.eosId().orElseThrow();
        int[] sky = tokenizer.encode("The sky is blue.", true);
        int[] ended = IntStream.concat(IntStream.of(sky), IntStream.of(end)).toArray();
        for (int i = 0; i < lines.length; i++) {
            if (lines[i].contains("\"completion\"")) {
                assertThat(ids(rows.get(i))).as(lines[i]).isEqualTo(ended);
            } else if (lines[i].contains("\"messages\"")) {
                assertThat(ids(rows.get(i))).as(lines[i]).isEqualTo(tokenizer.encode("The sky is blue.", false));
            } else if (lines[i].contains("\"text\"")) {
                assertThat(ids(rows.get(i))).as(lines[i]).isEqualTo(sky);
            }
        }
    }

    private static int[] ids(JsonNode row) {
        return IntStream.range(0, row.get("ids").size())
                .map(i -> row.get("ids").get(i).asInt())
                .toArray();
    }

    @Test
    void everyFormOfRowIsScored() throws IOException {
        List<JsonNode> rows = score(
                TinyModel.llama(),
                score -> score,
                "{\"ids\": [5, 6, 7]}",
                "{\"text\": \"The sky is blue.\"}",
                "{\"prompt\": \"The sky \", \"completion\": \"is blue.\"}",
                "{\"messages\": [{\"role\": \"user\", \"content\": \"The sky is blue.\"}]}",
                "{\"ids\": [9]}");

        assertThat(ids(rows.get(0))).containsExactly(5, 6, 7);
        assertThat(rows)
                .allSatisfy(row ->
                        assertThat(row.get("log_probs")).hasSize(row.get("ids").size() - 1));
    }

    @Test
    void scoresOfARewardModelAreWrittenAsTheScaleSays() throws IOException {
        TinyModel reward = TinyModel.llama().head(Head.SCALAR);
        JsonNode plain = score(reward, score -> score, "{\"ids\": [5, 6, 7]}").get(0);
        JsonNode scaled =
                score(reward, score -> 2 * score, "{\"ids\": [5, 6, 7]}").get(0);

        assertThat(scaled.get("score").asDouble())
                .isEqualTo(2 * plain.get("score").asDouble())
                .isNotZero();
    }

    @Test
    void theRowThatCannotBeScoredIsNamed() {
        for (String line : List.of(
                "{\"ids\": [5, 9999]}",
                "{\"ids\": [5, 1.5]}",
                "{\"ids\": []}",
                "{\"prompt\": \"a\"}",
                "{\"text\": \"a\", \"ids\": [1]}",
                "{\"messages\": [{\"role\": \"user\"}]}",
                "{\"other\": 1}")) {
            assertThatThrownBy(() -> score(TinyModel.llama(), score -> score, "{\"ids\": [5, 6, 7]}", line))
                    .as(line)
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("in.jsonl line 2: ");
        }
    }
}
