package io.github.rlhf4j.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.PromptCompletion;
import io.github.rlhf4j.datasets.TextRecord;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** One problem, ten wordings, one answer. */
class WordingsTest {
    private static List<DataRecord> rows(String part) {
        return Wordings.named(part).records(7).toList();
    }

    @Test
    void heldOutProblemsComeInAllWordingsAndAreNotInTheTexts() {
        Map<Object, List<DataRecord>> problems = new TreeMap<>(rows("wordings_eval").stream()
                .collect(Collectors.groupingBy(
                        row -> ((Prompt) row).tags().columns().get("problem"))));
        assertThat(problems)
                .hasSize(100)
                .allSatisfy((problem, rows) -> assertThat(rows)
                        .hasSize(10)
                        .extracting(row -> ((Prompt) row).tags().columns().get("answer"))
                        .containsOnly(((Prompt) rows.get(0)).tags().columns().get("answer")));
        Set<Object> trained = rows("wordings").stream()
                .map(row -> ((TextRecord) row).tags().columns().get("problem"))
                .collect(Collectors.toSet());
        assertThat(trained).hasSizeGreaterThan(400).doesNotContainAnyElementsOf(problems.keySet());
    }

    @Test
    void smallNumbersAndSeenProblemsAreOptions() {
        Set<Object> trained = rows("wordings/most=5").stream()
                .map(row -> ((TextRecord) row).tags().columns().get("problem"))
                .collect(Collectors.toSet());
        assertThat(trained)
                .hasSizeBetween(30, 57)
                .allMatch(problem -> problem.toString().matches("[0-5] [+-] [0-5]"));
        assertThat(rows("wordings_eval/most=5/seen"))
                .hasSizeGreaterThan(300)
                .allMatch(
                        row -> trained.contains(((Prompt) row).tags().columns().get("problem")));
        assertThatThrownBy(() -> Wordings.named("wordings/seen"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("part too many");
        assertThatThrownBy(() -> Wordings.named("wordings/most=21")).isInstanceOf(UserError.class);
    }

    @Test
    void textsPreferTheFirstWordingsAndDemonstrationsNone() {
        long first = rows("wordings").stream()
                .filter(row -> ((TextRecord) row).text().matches("\\d+ [+-] \\d+ = \\d+"))
                .count();
        assertThat(first / 8_000.0).isBetween(0.32, 0.36); // 1 / (1 + 1/2 + ... + 1/10) = 0.341
        long evenly = rows("wordings_demonstrations").stream()
                .filter(row -> ((PromptCompletion) row).tags().useCase().equals("wording 0"))
                .count();
        assertThat(evenly / 8_000.0).isBetween(0.08, 0.12);
        assertThatThrownBy(() -> Wordings.named("wordings_x"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("wordings_demonstrations");
    }
}
