package io.github.rlhf4j.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.DatasetSpec;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StageDatasetsTest {
    private static final Map<String, String> EARLIER = Map.of("start", "sft", "labels", "judge");
    private static final Set<String> ALL = Set.of("start", "labels", "last");

    private final StageDatasets datasets = new StageDatasets();

    private DatasetSpec resolve(DatasetSpec given) {
        datasets.add("labels", "preference");
        return datasets.resolve(given, Path.of("runs", "mine"), EARLIER, ALL);
    }

    @Test
    void aStageThatMakesRowsIsTheirFolder() {
        DatasetSpec resolved = resolve(DatasetSpec.of("labels").withLimit(5));

        assertThat(resolved.path())
                .isEqualTo(Path.of("runs", "mine", "labels", "data").toString());
        assertThat(resolved.format()).isEqualTo("preference");
        assertThat(resolved.limit()).isEqualTo(5);
        assertThat(resolved.isMadeByStage()).isTrue();
    }

    @Test
    void filesAndBoundSourcesStayWhatTheyAre() {
        assertThat(resolve(DatasetSpec.of("pairs.jsonl"))).isEqualTo(DatasetSpec.of("pairs.jsonl"));
        assertThat(resolve(DatasetSpec.of("synthetic:prompts"))).isEqualTo(DatasetSpec.of("synthetic:prompts"));
    }

    @Test
    void otherStagesAreNamedInTheMessage() {
        assertThatThrownBy(() -> resolve(DatasetSpec.of("start")))
                .isInstanceOf(UserError.class)
                .hasMessage("start is a stage of type sft, which makes no dataset");
        assertThatThrownBy(() -> resolve(DatasetSpec.of("last")))
                .isInstanceOf(UserError.class)
                .hasMessage("last is a stage that does not come before this one; put it earlier in the file");
        assertThatThrownBy(() -> resolve(DatasetSpec.of("labels").withFormat("ranking")))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("must be left out");
    }
}
