package io.github.rlhf4j.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.UserError;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatasetSpecTest {
    private static DatasetSpec spec(String json) throws JsonProcessingException {
        return DatasetSpec.fromConfig(new ObjectMapper().readTree(json));
    }

    @Test
    void aTextIsThePath() throws JsonProcessingException {
        assertThat(spec("\"a.jsonl\""))
                .isEqualTo(new DatasetSpec("a.jsonl", "", SplitSpec.ALL, DatasetSpec.NO_LIMIT, Map.of()));
    }

    @Test
    void aListIsSeveralPaths() throws JsonProcessingException {
        assertThat(spec("[\"a\", \"b\"]").paths()).containsExactly("a", "b");
        assertThat(spec("{\"path\": [\"a\", \"b\"]}").path()).isEqualTo("a, b");
    }

    @Test
    void aMapSetsEveryKey() throws JsonProcessingException {
        Map<String, Double> fractions = new LinkedHashMap<>();
        fractions.put("a", 0.25);
        fractions.put("b", 0.75);

        assertThat(
                        spec(
                                "{\"path\": \"a\", \"format\": \"text\", \"split\": {\"part\": \"b\", \"fractions\": {\"a\": 0.25, \"b\": 0.75}},"
                                        + " \"limit\": 10, \"columns\": {\"text\": \"body\"}, \"keep\": [\"x\"], \"separator\": \"--\"}"))
                .isEqualTo(new DatasetSpec(
                        List.of("a"),
                        "text",
                        SplitSpec.of("b", fractions),
                        10,
                        Map.of("text", "body"),
                        KeptColumns.of("x"),
                        "--"));
        assertThat(spec("{\"path\": \"a\", \"keep\": \"all\"}").keep()).isEqualTo(KeptColumns.ALL);
        assertThat(spec("{\"path\": \"a\", \"split\": \"test\"}").split()).isEqualTo(SplitSpec.of("test"));
    }

    @Test
    void allMistakesOfAMapAreReportedAtOnce() {
        assertThatThrownBy(
                        () -> spec(
                                "{\"limt\": 1, \"limit\": 0, \"split\": \"tset\", \"format\": 3, \"columns\": [], \"keep\": 1, \"separator\": 2}"))
                .isInstanceOf(UserError.class)
                .satisfies(e -> assertThat(String.valueOf(e.getMessage()).lines())
                        .extracting(line -> line.replaceAll("^dataset\\.([a-z]+) .*", "$1"))
                        .containsExactly("limt", "path", "limit", "split", "keep", "separator", "format", "columns"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"limit\": 3} | dataset.path",
                "{\"path\": 3} | dataset.path",
                "{\"path\": [\"a\", 3]} | dataset.path",
                "[] | dataset.path",
                "{\"path\": \"a\", \"limit\": 0} | dataset.limit",
                "{\"path\": \"a\", \"limit\": 1.5} | dataset.limit",
                "{\"path\": \"a\", \"limt\": 1} | dataset.limt",
                "{\"path\": \"a\", \"split\": \"tset\"} | dataset.split",
                "{\"path\": \"a\", \"split\": {\"part\": \"a\", \"fractions\": {\"a\": 0.5}}} | dataset.split.fractions",
                "{\"path\": \"a\", \"columns\": {\"prompt\": 1}} | dataset.columns.prompt",
                "{\"path\": \"a\", \"keep\": \"answer\"} | dataset.keep must be all or a list",
                "{\"path\": \"a\", \"keep\": []} | dataset.keep",
                "{\"path\": \"a\", \"keep\": [1]} | dataset.keep",
                "{\"path\": \"a\", \"keep\": [\"b\", \"b\"]} | dataset.keep",
                "7 | dataset must be"
            })
    void aMistakeNamesItsKey(String json, String key) {
        assertThatThrownBy(() -> spec(json)).isInstanceOf(UserError.class).hasMessageContaining(key);
    }
}
