package io.github.rlhf4j.datasets.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.DatasetSpec;
import org.junit.jupiter.api.Test;

class EvalDatasetsTest {
    @Test
    void aPathAListAndAMapWithAPathAreOneDataset() throws JsonProcessingException {
        assertThat(read("\"a.jsonl\"").byName()).containsOnlyKeys("");
        assertThat(read("[\"a.jsonl\", \"b.jsonl\"]").byName()).containsOnlyKeys("");
        assertThat(read("{\"path\": \"a.jsonl\", \"limit\": 3}").byName())
                .containsEntry("", DatasetSpec.of("a.jsonl").withLimit(3));
    }

    @Test
    void anyOtherMapIsNamesInTheirOrder() throws JsonProcessingException {
        EvalDatasets sets = read("{\"old\": \"a.jsonl\", \"new\": {\"path\": \"b.jsonl\", \"limit\": 3}}");

        assertThat(sets.byName().keySet()).containsExactly("old", "new");
        assertThat(sets.byName())
                .containsEntry("old", DatasetSpec.of("a.jsonl"))
                .containsEntry("new", DatasetSpec.of("b.jsonl").withLimit(3));
    }

    @Test
    void keysOfADatasetAreNoNames() {
        assertThatThrownBy(() -> read("{\"split\": \"test\", \"pth\": \"a.jsonl\"}"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("dataset.split is a key of a dataset, which needs a path beside it");
    }

    @Test
    void mistakesNameTheSet() {
        assertThatThrownBy(() -> read("{\"new\": {\"path\": \"b.jsonl\", \"limit\": 0}}"))
                .hasMessage("dataset.new.limit must be >= 1, but is 0");
        assertThatThrownBy(() -> read("{\"new set\": \"b.jsonl\"}")).hasMessageContaining("must be a name of letters");
        assertThatThrownBy(() -> read("{}")).hasMessageContaining("must name a dataset");
    }

    private static EvalDatasets read(String json) throws JsonProcessingException {
        return EvalDatasets.fromConfig(new ObjectMapper().readTree(json));
    }
}
